package vm

import (
	"context"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Pool hands out guests: warm ones where there are, new ones within a
// budget of memory. It is safe for concurrent use.
type Pool struct {
	// Idle is how long a guest may wait for work; 0 is until Close. It is set
	// before the first Get.
	Idle time.Duration

	size int

	mu     sync.Mutex
	guests int           // at work, idle, or being booted
	idle   []idleGuest   // the one that is idle longest first
	change chan struct{} // closed, and made anew, when a guest comes back or goes
	closed bool
}

type idleGuest struct {
	config Config
	m      *Machine
}

// NewPool makes a pool of guests that together take at most memory MiB; 0 is
// half of what is free. There are never more than CPUs: emulated guests wait
// for each other.
func NewPool(memory int) *Pool {
	if memory == 0 {
		memory = freeMemory() / 2
	}
	return &Pool{size: min(max(memory/DefaultMemory, 1), runtime.NumCPU()), change: make(chan struct{})}
}

// Size is how many guests there can be at once.
func (p *Pool) Size() int { return p.size }

// freeMemory is MemAvailable in MiB.
func freeMemory() int {
	b, _ := os.ReadFile("/proc/meminfo")
	for line := range strings.Lines(string(b)) {
		if s, ok := strings.CutPrefix(line, "MemAvailable:"); ok {
			n, _ := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "kB")))
			return n >> 10
		}
	}
	return 4 * DefaultMemory
}

// Get gives a guest, warm or new. It is given back with Put, or lost with
// Drop.
func (p *Pool) Get(ctx context.Context, c Config) (m *Machine, warm bool, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		m, boot, lost, wait := p.claim(c)
		if lost != nil {
			lost.Close()
		}
		switch {
		case m != nil:
			return m, true, nil
		case boot:
			m, err := Boot(ctx, c)
			if err != nil {
				p.gone()
				return nil, false, err
			}
			return m, false, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
		}
	}
}

// claim takes a warm guest of the kind that is wanted; else the right to boot
// one, for which another idle one may have to go; else there is but to wait.
func (p *Pool) claim(c Config) (m *Machine, boot bool, lost *Machine, wait chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.idle) - 1; i >= 0; i-- {
		if g := p.idle[i]; g.config == c && g.m.alive() {
			p.idle = append(p.idle[:i:i], p.idle[i+1:]...)
			return g.m, false, nil, nil
		}
	}
	if p.guests < p.size {
		p.guests++
		return nil, true, nil, nil
	}
	if len(p.idle) > 0 {
		lost = p.idle[0].m
		p.idle = p.idle[1:]
		return nil, true, lost, nil
	}
	return nil, false, nil, p.change
}

// gone notes that there is one guest less.
func (p *Pool) gone() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.guests--
	p.changed()
}

func (p *Pool) changed() {
	close(p.change)
	p.change = make(chan struct{})
}

// Put keeps a guest warm.
func (p *Pool) Put(c Config, m *Machine) {
	p.mu.Lock()
	closed := p.closed
	if !closed {
		m.uses++
		p.idle = append(p.idle, idleGuest{c, m})
		p.changed()
		if uses := m.uses; p.Idle > 0 {
			time.AfterFunc(p.Idle, func() { p.expire(m, uses) })
		}
	}
	p.mu.Unlock()
	if closed {
		p.Drop(m)
	}
}

// expire ends a guest that has been idle since it was put back for the
// uses-th time.
func (p *Pool) expire(m *Machine, uses int) {
	p.mu.Lock()
	i := slices.IndexFunc(p.idle, func(g idleGuest) bool { return g.m == m && m.uses == uses })
	if i >= 0 {
		p.idle = slices.Delete(p.idle, i, i+1)
	}
	p.mu.Unlock()
	if i >= 0 {
		p.Drop(m)
	}
}

// Drop ends a guest that is not to be used again.
func (p *Pool) Drop(m *Machine) {
	m.Close()
	p.gone()
}

// Close ends all idle guests, and those at work once they are put back.
func (p *Pool) Close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, g := range idle {
		p.Drop(g.m)
	}
}
