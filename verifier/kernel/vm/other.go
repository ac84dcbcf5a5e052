//go:build !linux

package vm

import (
	"context"
	"errors"
	"time"

	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
)

var errNotLinux = errors.New("guests need Linux")

// ErrNoQEMU says what is missing.
var ErrNoQEMU = errNotLinux

// A Config says what to boot, and how.
type Config struct {
	Image string
	NoKVM bool
}

// A Machine is a booted guest.
type Machine struct{ Release string }

// A Death is a guest that gave no answer.
type Death struct{ Reason, Console string }

func (d *Death) Error() string { return d.Reason }

// A Pool hands out guests.
type Pool struct{ Idle time.Duration }

// NewPool makes a pool.
func NewPool(int) *Pool { return &Pool{} }

// Size is how many guests there can be at once.
func (*Pool) Size() int { return 1 }

// Get needs Linux.
func (*Pool) Get(context.Context, Config) (*Machine, bool, error) { return nil, false, errNotLinux }

// Put keeps a guest warm.
func (*Pool) Put(Config, *Machine) {}

// Drop ends a guest.
func (*Pool) Drop(*Machine) {}

// Close ends all guests.
func (*Pool) Close() {}

// Do needs Linux.
func (*Machine) Do(context.Context, *bpf.Plan) (*bpf.Report, error) { return nil, errNotLinux }

// RunGuest is to be called first in main.
func RunGuest() {}
