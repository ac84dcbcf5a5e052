package vm

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// A Pool hands out guests: warm ones where there are, new ones within a
// budget of memory. It is safe for concurrent use.
type Pool struct {
	slots chan struct{} // one for each guest that is at work or idle

	mu     sync.Mutex
	idle   []idleGuest
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
	n := min(max(memory/DefaultMemory, 1), runtime.NumCPU())
	return &Pool{slots: make(chan struct{}, n)}
}

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
	if m := p.takeIdle(c); m != nil {
		return m, true, nil
	}
	for {
		select {
		case p.slots <- struct{}{}:
			m, err := Boot(ctx, c)
			if err != nil {
				<-p.slots
				return nil, false, err
			}
			return m, false, nil
		case <-ctx.Done():
			return nil, false, ctx.Err()
		default:
		}
		if !p.evict() {
			// All are at work: wait for one to come back or to be dropped.
			select {
			case p.slots <- struct{}{}:
				<-p.slots
			case <-ctx.Done():
				return nil, false, ctx.Err()
			}
		}
	}
}

func (p *Pool) takeIdle(c Config) *Machine {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.idle) - 1; i >= 0; i-- {
		g := p.idle[i]
		select {
		case <-g.m.Dead():
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			g.m.Close()
			<-p.slots
			continue
		default:
		}
		if g.config == c {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			return g.m
		}
	}
	return nil
}

// evict ends the guest that has been idle longest.
func (p *Pool) evict() bool {
	p.mu.Lock()
	if len(p.idle) == 0 {
		p.mu.Unlock()
		return false
	}
	g := p.idle[0]
	p.idle = p.idle[1:]
	p.mu.Unlock()
	g.m.Close()
	<-p.slots
	return true
}

// Put keeps a guest warm.
func (p *Pool) Put(c Config, m *Machine) {
	p.mu.Lock()
	closed := p.closed
	if !closed {
		p.idle = append(p.idle, idleGuest{c, m})
	}
	p.mu.Unlock()
	if closed {
		p.Drop(m)
	}
}

// Drop ends a guest that is not to be used again.
func (p *Pool) Drop(m *Machine) {
	m.Close()
	<-p.slots
}

// Close ends all idle guests, and those at work once they are put back.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	for p.evict() {
	}
}
