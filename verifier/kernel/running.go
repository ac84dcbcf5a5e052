package kernel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/scx-lsp/scx-lsp/verifier/kernel/bpf"
	"github.com/scx-lsp/scx-lsp/verifier/kernel/link"
	"github.com/scx-lsp/scx-lsp/verifier/object"
)

const sysBTF = "/sys/kernel/btf/vmlinux"

// judgeRunning asks the kernel that runs. Nothing is ever attached there, and
// freplace programs, which have oopsed kernels, are not in the table of what
// is loaded at all.
func (c *Checker) judgeRunning(ctx context.Context, o *object.Object, raw []byte, opt Options) (j Judgement, err error) {
	if opt.Run > 0 {
		return j, errors.New("a scheduler is attached in guests only; give an image to run it there")
	}
	k, err := runningKernel()
	if err != nil {
		return j, err
	}
	l, err := link.Link(raw, o, k, link.Options{Rodata: opt.Rodata})
	if err != nil {
		return j, err
	}
	if len(l.Plan.Steps) > 0 {
		if why := bpf.Allowed(); why != "" {
			return j, errors.New(why)
		}
	}
	j = judge(l, bpf.Perform(ctx, l.Plan))
	j.Kernel = k.Release
	return j, nil
}

func runningKernel() (*link.Kernel, error) {
	raw, err := os.ReadFile(sysBTF)
	if err != nil {
		return nil, fmt.Errorf("the running kernel has no BTF that can be read (CONFIG_DEBUG_INFO_BTF): %w", err)
	}
	k, err := link.NewKernel(raw)
	if err != nil {
		return nil, err
	}
	b, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	k.Release = strings.TrimSpace(string(b))
	k.Version = versionCode(k.Release)
	k.Config = readConfig("/boot/config-"+k.Release, "/lib/modules/"+k.Release+"/config")
	return k, nil
}
