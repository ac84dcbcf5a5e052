;;; test.el --- Run by ./run, after a user's init.el  -*- lexical-binding: t -*-

(defun check (what ok &rest seen)
  "End Emacs unless OK; WHAT and SEEN say what is wrong."
  (unless ok
    (message "FAIL: %s: %S" what seen)
    (kill-emacs 1)))

(defun wait (what ask)
  "Let the server speak until ASK gives a value, and return it; WHAT is its name."
  (let ((end (+ (float-time) 30)) (value nil))
    (while (and (not (setq value (funcall ask))) (< (float-time) end))
      (accept-process-output nil 0.05))
    (check what value (flymake-diagnostics))
    value))

(defun ours (kfunc)
  "The finding on KFUNC."
  (flymake-start) ; in batch mode no idle timer does
  (seq-find (lambda (d) (string-search kfunc (flymake-diagnostic-text d))) (flymake-diagnostics)))

(find-file "main.c")
(check "main.c is not ours" (eq major-mode 'c-mode) major-mode)

(find-file "wrong.bpf.c")
(check "the mode" (eq major-mode 'scx-mode) major-mode)
(run-hooks 'post-command-hook) ; eglot-ensure waits for a command to end
(wait "a server" #'eglot-current-server)
(let* ((d (wait "a diagnostic" (lambda () (ours "move_to_local"))))
       (beg (flymake-diagnostic-beg d))
       (end (flymake-diagnostic-end d)))
  (check "text at the diagnostic"
         (equal (buffer-substring-no-properties beg end) "scx_bpf_dsq_move_to_local")
         (buffer-substring-no-properties beg end))
  (check "text before the diagnostic"
         (equal (buffer-substring-no-properties (save-excursion (goto-char beg) (pos-bol)) beg) "\t/* ü𝄞 */ "))
  ;; Hover.
  (goto-char (+ beg 3))
  (let (hover)
    (eglot-hover-eldoc-function (lambda (text &rest _) (setq hover text)))
    (wait "hover" (lambda () hover))
    (check "hover" (string-search "dispatch" hover) hover))
  ;; Mended by typing: gone. Undone: back.
  (delete-region beg end)
  (eglot--signal-textDocument/didChange)
  (wait "the end of the diagnostic" (lambda () (not (ours "move_to_local"))))
  (goto-char beg)
  (insert "scx_bpf_dsq_move_to_local")
  (eglot--signal-textDocument/didChange)
  (wait "the diagnostic to come back" (lambda () (ours "move_to_local")))
  ;; Completion, after the same characters.
  (goto-char (pos-eol))
  (insert "\n\t/* ü𝄞 */ scx_bpf_dsq_")
  (eglot--signal-textDocument/didChange)
  (let ((offered (wait "completions"
                       (lambda ()
                         (pcase-let ((`(,from ,to ,table . ,_) (eglot-completion-at-point)))
                           (all-completions (buffer-substring-no-properties from to) table))))))
    (check "scx_bpf_dsq_nr_queued is offered" (seq-find (lambda (c) (string-prefix-p "scx_bpf_dsq_nr_queued" c)) offered) offered)
    (check "scx_bpf_dsq_move_to_local is not" (not (seq-find (lambda (c) (string-prefix-p "scx_bpf_dsq_move_to_local" c)) offered))
           offered))
  (delete-region (pos-bol) (pos-eol))
  (eglot--signal-textDocument/didChange))

;; A code action mends the other finding.
(let ((fix (wait "a code action"
                 (lambda ()
                   (when-let* ((d (ours "create_dsq")))
                     (seq-find (lambda (a) (plist-get a :edit))
                               (eglot-code-actions (flymake-diagnostic-beg d) (flymake-diagnostic-end d))))))))
  (eglot-execute (eglot-current-server) fix)
  (eglot--signal-textDocument/didChange)
  (wait "the finding to be mended" (lambda () (not (ours "create_dsq"))))
  (check "the mended text" (save-excursion (goto-char (point-min)) (search-forward "struct_ops.s/wrong_init" nil t))))

(set-buffer-modified-p nil)
(eglot-shutdown (eglot-current-server))
(message "ok: Emacs %s, eglot" emacs-version)
(kill-emacs 0)
;;; test.el ends here
