package lsp

import "time"

// parentPoll is how often we look whether the client still lives. Its death
// closes our stdin as a rule; this is for wrappers that keep it open.
const parentPoll = 3 * time.Second

// watchParent ends the server when the process of the client is gone.
func (s *Server) watchParent(pid int) {
	if pid <= 0 {
		return
	}
	every := s.opts.ParentPoll
	if every == 0 {
		every = parentPoll
	}
	go func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-s.ctx.Done():
				return
			case <-tick.C:
				if !processAlive(pid) {
					s.log.Warn("client process is gone", "pid", pid)
					s.stop(s.exitCode())
					return
				}
			}
		}
	}()
}
