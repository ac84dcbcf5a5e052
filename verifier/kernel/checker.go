package kernel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/link"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/vm"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

// Running stands for the kernel that runs in a list of images.
const Running = "running"

// A Checker asks kernels. It is safe for concurrent use; what it holds on to,
// guests and types of kernels, makes the next question cheap.
type Checker struct {
	Pool  *vm.Pool
	Cache Cache
	// BTF reads the BTF of a kernel image. It comes from outside because
	// reading images is another package's business.
	BTF func(path string) ([]byte, error)

	mu      sync.Mutex
	kernels map[string]*kernelOnce // by the hash of the image
	turns   chan struct{}
}

type kernelOnce struct {
	once sync.Once
	k    *link.Kernel
	err  error
}

// Options of one question.
type Options struct {
	Rodata map[string]uint64
	Run    int           // seconds to attach the ops for, in a guest; 0 loads only
	Limit  time.Duration // for one kernel, from a booted guest on; 0 is DefaultLimit
	NoKVM  bool
	// Progress is told what is being done; it may be nil. It is called from
	// several goroutines.
	Progress func(image, what string)
}

// DefaultLimit bounds the judgement of one object on one kernel. The largest
// public schedulers take half a minute of an emulated kernel.
const DefaultLimit = 3 * time.Minute

// An Object is one to be judged; Raw is what Object was opened from.
type Object struct {
	*object.Object
	Raw []byte
}

// Judge asks each image about each object: images side by side, objects one
// after the other in the same guest. Every object has an answer of every
// image, in their order.
func (c *Checker) Judge(ctx context.Context, objects []Object, images []string, opt Options) [][]Judgement {
	out := make([][]Judgement, len(objects))
	for i := range out {
		out[i] = make([]Judgement, len(images))
	}
	var wg sync.WaitGroup
	for n, image := range images {
		wg.Go(func() {
			turn := c.turn()
			turn <- struct{}{}
			defer func() { <-turn }()
			for i, o := range objects {
				j, err := c.judgeOne(ctx, o.Object, o.Raw, image, opt)
				if err != nil {
					j = notJudged(image, err)
				}
				out[i][n] = j
			}
		})
	}
	wg.Wait()
	return out
}

// turn lets as many images be asked at once as there can be guests: a guest
// that is idle between two objects is not to be ended for another image's
// first.
func (c *Checker) turn() chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.turns == nil {
		c.turns = make(chan struct{}, c.Pool.Size())
	}
	return c.turns
}

// notJudged makes a verdict of an error.
func notJudged(image string, err error) Judgement {
	j := Judgement{Kernel: image, NotJudged: err.Error()}
	if release, e := vm.ImageRelease(image); e == nil {
		j.Kernel = release
	}
	if d := (*vm.Death)(nil); errors.As(err, &d) {
		j.Console = d.Console
	}
	return j
}

func (c *Checker) judgeOne(ctx context.Context, o *object.Object, raw []byte, image string, opt Options) (j Judgement, err error) {
	tell := func(what string) {
		if opt.Progress != nil {
			opt.Progress(image, what)
		}
	}
	start := time.Now()
	if image == Running {
		return c.judgeRunning(ctx, o, raw, opt)
	}
	hash, err := fileHash(image)
	if err != nil {
		return j, err
	}
	key := cacheKey(raw, hash, opt.Rodata)
	if j, ok := c.Cache.get(key); ok && opt.Run == 0 {
		j.Times = Times{Cache: true, Load: time.Since(start).Seconds()}
		return j, nil
	}
	tell("reading the kernel's types")
	k, err := c.kernel(image, hash)
	if err != nil {
		return j, err
	}
	var t Times
	t.Read = lap(&start)
	l, err := link.Link(raw, o, k, link.Options{Rodata: opt.Rodata, Run: opt.Run})
	if err != nil {
		return j, err
	}
	t.Link = lap(&start)
	r, err := c.ask(ctx, image, l, opt, &t, tell)
	if err != nil {
		return j, err
	}
	j = judge(l, r)
	j.Times = t
	if opt.Run == 0 && j.NotJudged == "" {
		c.Cache.put(key, j)
	}
	return j, nil
}

// lap gives the seconds since a time, and starts the next lap.
func lap(start *time.Time) float64 {
	now := time.Now()
	d := now.Sub(*start)
	*start = now
	return d.Seconds()
}

// ask performs a plan in a guest. A guest in which something was attached is
// not used again.
func (c *Checker) ask(ctx context.Context, image string, l *link.Linked, opt Options, t *Times, tell func(string)) (*bpf.Report, error) {
	start := time.Now()
	tell("booting")
	config := vm.Config{Image: image, NoKVM: opt.NoKVM}
	m, warm, err := c.Pool.Get(ctx, config)
	if err != nil {
		return nil, err
	}
	if t.Boot = lap(&start); warm {
		t.Boot = 0
	}
	tell("loading")
	limit := opt.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	within, cancel := context.WithTimeout(ctx, limit+time.Duration(opt.Run)*time.Second)
	defer cancel()
	r, err := m.Do(within, l.Plan)
	t.Load = lap(&start)
	if err != nil || attached(r) {
		c.Pool.Drop(m)
	} else {
		c.Pool.Put(config, m)
	}
	return r, err
}

// attached tells whether anything was attached in a guest.
func attached(r *bpf.Report) bool {
	return r.Run != nil && slices.ContainsFunc(r.Run.Attached, func(a bpf.AttachReport) bool { return a.Stage != "load" })
}

// kernel reads an image once.
func (c *Checker) kernel(image, hash string) (*link.Kernel, error) {
	c.mu.Lock()
	if c.kernels == nil {
		c.kernels = map[string]*kernelOnce{}
	}
	x := c.kernels[hash]
	if x == nil {
		x = &kernelOnce{}
		c.kernels[hash] = x
	}
	c.mu.Unlock()
	x.once.Do(func() { x.k, x.err = c.readKernel(image) })
	return x.k, x.err
}

func (c *Checker) readKernel(image string) (*link.Kernel, error) {
	release, err := vm.ImageRelease(image)
	if err != nil {
		return nil, err
	}
	raw, err := c.BTF(image)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", image, err)
	}
	k, err := link.NewKernel(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", image, err)
	}
	k.Release, k.Version = release, versionCode(release)
	k.Config = readConfig(filepath.Dir(image)+"/config-"+release, "/boot/config-"+release, filepath.Dir(image)+"/config")
	return k, nil
}

// versionCode is LINUX_KERNEL_VERSION of a release.
func versionCode(release string) uint32 {
	r, err := btfdb.ParseRelease(release)
	if err != nil {
		return 0
	}
	return uint32(r.Major)<<16 | uint32(r.Minor)<<8 | uint32(min(max(r.Patch, 0), 255))
}

// readConfig reads the first configuration file that is there.
func readConfig(paths ...string) map[string]string {
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			continue
		}
		out := map[string]string{}
		for line := range bytes.Lines(b) {
			if name, value, ok := strings.Cut(strings.TrimSpace(string(line)), "="); ok && strings.HasPrefix(name, "CONFIG_") {
				out[name] = value
			}
		}
		return out
	}
	return nil
}
