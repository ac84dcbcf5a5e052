package config

import (
	"maps"
	"path"
	"slices"
	"sync"
)

// A Store finds and remembers the files of a session. It is safe for concurrent
// use.
type Store struct {
	known Known
	read  func(name string) ([]byte, error) // an error means that there is no such file

	mu    sync.Mutex
	files map[string]*File  // by path; nil for one that is not there
	good  map[string]*File  // the last that was not broken
	dirs  map[string]string // folder → the path of its file, "" for none
}

// NewStore makes a store over a way to read files.
func NewStore(known Known, read func(name string) ([]byte, error)) *Store {
	s := &Store{known: known, read: read, good: map[string]*File{}}
	s.forget()
	return s
}

func (s *Store) forget() {
	s.files, s.dirs = map[string]*File{}, map[string]string{}
}

// For gives the file that counts for a path: the nearest one upwards. It is
// never nil. One that is broken counts as it was before it broke, with its
// problems.
func (s *Store) For(p string) *File {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name := s.find(path.Dir(p)); name != "" {
		return s.files[name]
	}
	return &File{}
}

// find gives the path of the file for a folder; s.mu is held.
func (s *Store) find(dir string) string {
	if name, ok := s.dirs[dir]; ok {
		return name
	}
	name := path.Join(dir, Name)
	if s.load(name) == nil {
		name = ""
		if up := path.Dir(dir); up != dir {
			name = s.find(up)
		}
	}
	s.dirs[dir] = name
	return name
}

// load reads a file once; s.mu is held.
func (s *Store) load(name string) *File {
	if f, ok := s.files[name]; ok {
		return f
	}
	text, err := s.read(name)
	if err != nil {
		s.files[name] = nil
		delete(s.good, name)
		return nil
	}
	f := Read(name, text, s.known)
	if good := s.good[name]; f.Broken && good != nil {
		f.Settings = good.Settings
	} else if !f.Broken {
		s.good[name] = f
	}
	s.files[name] = f
	return f
}

// Changed says that a file may have changed on disk, come or gone. It tells
// whether that matters here.
func (s *Store) Changed(name string) bool {
	if path.Base(name) != Name {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	return true
}

// Files lists the files that were found so far.
func (s *Store) Files() []*File {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*File
	for _, name := range slices.Sorted(maps.Keys(s.files)) {
		if f := s.files[name]; f != nil {
			out = append(out, f)
		}
	}
	return out
}
