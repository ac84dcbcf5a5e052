package bpf

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
)

// A message is a text and the blobs beside it: the length of the text, the
// text, then the blobs. A blob in the text is its length; they follow each
// other in the order of the text. What a guest sends is foreign: every length
// is checked against what is there.

var errFrame = errors.New("message: lengths do not fit")

// blobs carries the bytes of a message while its text is read or written.
// encoding/json has no way to pass state to MarshalJSON, so blobs are lifted
// out before and put back after.
type blobs struct {
	data []byte
	err  error
}

type blobMessage interface{ eachBlob(func(*Blob)) }

func (p *Plan) eachBlob(f func(*Blob)) {
	for i := range p.Steps {
		s := &p.Steps[i]
		f(&s.Data)
		f(&s.Key)
		if s.Prog != nil {
			f(&s.Prog.Insns)
			f(&s.Prog.FuncInfo)
			f(&s.Prog.LineInfo)
		}
	}
	if p.Run != nil {
		for i := range p.Run.Ops {
			f(&p.Run.Ops[i].Value)
		}
	}
}

func (r *Report) eachBlob(f func(*Blob)) {
	for i := range r.Results {
		f(&r.Results[i].Log)
	}
}

// MarshalJSON writes a blob's length.
func (b Blob) MarshalJSON() ([]byte, error) { return json.Marshal(len(b)) }

// UnmarshalJSON makes a blob of a length, without its bytes yet.
func (b *Blob) UnmarshalJSON(text []byte) error {
	var n int
	if err := json.Unmarshal(text, &n); err != nil {
		return err
	}
	if n < 0 || n > MaxMessage {
		return errFrame
	}
	*b = nil
	if n > 0 {
		*b = binary.LittleEndian.AppendUint64(nil, uint64(n))
	}
	return nil
}

// MaxMessage bounds a message in either direction.
const MaxMessage = 64 << 20

// EncodePlan makes a message of a plan.
func EncodePlan(p *Plan) ([]byte, error) { return encode(p) }

// EncodeReport makes a message of a report.
func EncodeReport(r *Report) ([]byte, error) { return encode(r) }

// DecodePlan reads a plan.
func DecodePlan(b []byte) (*Plan, error) {
	p := &Plan{}
	if err := decode(b, p); err != nil {
		return nil, err
	}
	return p, nil
}

// DecodeReport reads a report, which a guest may have made to its liking.
func DecodeReport(b []byte) (*Report, error) {
	r := &Report{}
	if err := decode(b, r); err != nil {
		return nil, err
	}
	return r, nil
}

func encode(m blobMessage) ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(text)))
	out = append(out, text...)
	m.eachBlob(func(b *Blob) { out = append(out, *b...) })
	if len(out) > MaxMessage {
		return nil, fmt.Errorf("message of %d bytes, more than %d", len(out), MaxMessage)
	}
	return out, nil
}

func decode(b []byte, m blobMessage) error {
	if len(b) < 4 || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)-4) {
		return errFrame
	}
	n := binary.LittleEndian.Uint32(b)
	text, rest := b[4:4+n], b[4+n:]
	if err := json.Unmarshal(text, m); err != nil {
		return fmt.Errorf("message: %w", err)
	}
	x := blobs{data: rest}
	m.eachBlob(x.fill)
	if x.err == nil && len(x.data) != 0 {
		x.err = errFrame
	}
	return x.err
}

// fill gives a blob the bytes that its length promised.
func (x *blobs) fill(b *Blob) {
	if len(*b) == 0 || x.err != nil {
		return
	}
	n := binary.LittleEndian.Uint64(*b)
	if n > uint64(len(x.data)) {
		*b, x.err = nil, errFrame
		return
	}
	*b, x.data = x.data[:n:n], x.data[n:]
}
