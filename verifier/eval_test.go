package verifier

import (
	"testing"

	"github.com/scx-lsp/scx-lsp/btfdb"
	"github.com/scx-lsp/scx-lsp/cindex"
)

func num(n int64) *cindex.Expr { return &cindex.Expr{Op: cindex.OpInt, Int: n} }

func rodata(name string, n int64) *cindex.Expr {
	return &cindex.Expr{Op: cindex.OpRodata, Name: name, Int: n}
}

func op(o cindex.Op, x, y *cindex.Expr) *cindex.Expr { return &cindex.Expr{Op: o, X: x, Y: y} }

func upTo(n int64) *cindex.Expr { return &cindex.Expr{Op: cindex.OpRange, Int: n} }

func ksym(name string) *cindex.Expr { return &cindex.Expr{Op: cindex.OpKsymExists, Name: name} }

func TestEval(t *testing.T) {
	unknown := &cindex.Expr{}
	ver := &cindex.Expr{Op: cindex.OpKernelVer}
	param := &cindex.Expr{Op: cindex.OpParam, Int: 1}
	tests := []struct {
		name string
		x    *cindex.Expr
		want value
	}{
		{"int", num(3), known(3)},
		{"nothing known", nil, value{}},
		{"not unknown", op(cindex.OpNot, unknown, nil), value{}},
		{"a false side decides &&", op(cindex.OpAnd, unknown, num(0)), known(0)},
		{"a true side decides ||", op(cindex.OpOr, num(5), unknown), known(1)},
		{"unknown && true", op(cindex.OpAnd, unknown, num(1)), value{}},
		{"a default is not a fact", rodata("flag", 0), value{known: true, n: 0, rodata: "flag"}},
		{"a fact beats a default", op(cindex.OpAnd, rodata("flag", 0), num(0)), known(0)},
		{"a default decides &&", op(cindex.OpAnd, rodata("flag", 0), unknown), value{known: true, n: 0, rodata: "flag"}},
		{"a default carries through !", op(cindex.OpNot, rodata("flag", 1), nil), value{known: true, n: 0, rodata: "flag"}},
		{"a default carries through ==", op(cindex.OpEq, rodata("mode", 2), num(2)), value{known: true, n: 1, rodata: "mode"}},
		{"a default carries through &&", op(cindex.OpAnd, num(1), rodata("flag", 1)), value{known: true, n: 1, rodata: "flag"}},
		{"an initial value that is not known", &cindex.Expr{Op: cindex.OpRodata, Name: "f", X: unknown}, value{}},
		{"known parameter", param, known(7)},
		{"parameter beyond the arguments", &cindex.Expr{Op: cindex.OpParam, Int: 9}, value{}},
		{"comparison", op(cindex.OpLt, num(-1), num(0)), known(1)},
		{"bits", op(cindex.OpBitAnd, num(6), num(3)), known(2)},
		{"version", op(cindex.OpGe, ver, num(7<<16|1<<8)), known(1)},
		{"version of tomorrow", op(cindex.OpGe, ver, num(99<<16)), known(0)},
		{"ksym that is there", ksym("scx_bpf_dsq_insert"), known(1)},
		{"the last ___suffix is dropped", ksym("scx_bpf_dsq_insert___v2___compat"), known(1)},
		{"only the last", ksym("scx_bpf_never___v2___compat"), known(0)},
		{"BTF-only twin", ksym("scx_bpf_kick_cpu_impl"), known(0)},
		{"perhaps a variable", ksym("hw_pressure"), value{doubt: true}},
		{"a type of which nothing is known", &cindex.Expr{Op: cindex.OpTypeExists, Type: "struct mine"}, value{doubt: true}},
		{"doubt carries through &&", op(cindex.OpAnd, unknown, &cindex.Expr{Op: cindex.OpConfig}), value{doubt: true}},
		{"a range that decides", op(cindex.OpGt, upTo(7), num(7)), known(0)},
		{"a range that does not", op(cindex.OpGt, upTo(7), num(6)), value{}},
		{"a range on the right", op(cindex.OpLe, upTo(7), num(7)), known(1)},
		{"a range and a negative number", op(cindex.OpGt, upTo(7), num(-1)), value{}},
		{"never equal", op(cindex.OpEq, num(8), upTo(7)), known(0)},
		{"perhaps equal", op(cindex.OpNe, num(0), upTo(7)), value{}},
		{"a mask of what is not known", op(cindex.OpGe, op(cindex.OpBitAnd, unknown, num(3)), num(4)), known(0)},
		{"a mask with its sign bit", op(cindex.OpGe, op(cindex.OpBitAnd, unknown, num(-4)), num(4)), value{}},
		{"a mask that the loader sets", op(cindex.OpGe, op(cindex.OpBitAnd, unknown, rodata("m", 3)), num(4)), value{}},
		{"a range beyond a default", op(cindex.OpGt, upTo(7), rodata("limit", 9)), value{known: true, rodata: "limit"}},
		{"! of a range", op(cindex.OpNot, upTo(7), nil), value{}},
		{"doubt is no range", op(cindex.OpGt, &cindex.Expr{Op: cindex.OpConfig}, num(3)), value{doubt: true}},
		{"a fact settles doubt", op(cindex.OpAnd, num(0), &cindex.Expr{Op: cindex.OpConfig}), known(0)},
	}
	ev := evaluator{kernel: btfdb.Newest(), args: env{{}, known(7)}}
	for _, tt := range tests {
		if got := ev.eval(tt.x); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// An expression that macros nested without end is not known, and not fatal.
func TestEvalDepth(t *testing.T) {
	x := num(1)
	for range 100_000 {
		x = op(cindex.OpNot, x, nil)
	}
	if got := (evaluator{kernel: btfdb.Newest()}).eval(x); got.known {
		t.Errorf("got %+v", got)
	}
}
