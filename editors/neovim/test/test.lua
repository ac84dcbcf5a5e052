-- Run by ./run, with the configuration of a user. Every check that fails ends
-- Neovim with an error.
local function fail(...)
  io.stderr:write('FAIL: ' .. string.format(...) .. '\n')
  vim.cmd('cquit 1')
end

local function check(what, got, want)
  if got ~= want then
    fail('%s: %s, want %s', what, vim.inspect(got), vim.inspect(want))
  end
end

local function wait(what, cond)
  if not vim.wait(30000, cond, 10) then
    fail('%s did not happen; diagnostics: %s', what, vim.inspect(vim.diagnostic.get(0)))
  end
end

-- ours gives the finding of a rule, nil if there is none.
local function ours(rule)
  local found = vim.tbl_filter(function(d)
    return d.source == 'scx-lsp' and d.code == rule
  end, vim.diagnostic.get(0))
  return found[1], #found
end

local function clients(name)
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  return vim.tbl_filter(function(c)
    return c.name == name
  end, get())
end

local function attached(name, bufnr)
  return #clients(name) > 0 and vim.lsp.buf_is_attached(bufnr, clients(name)[1].id)
end

-- ask gives a client's answer to a request about the cursor's place.
local function ask(client, method, extra)
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params = vim.tbl_extend('force', params, extra or {})
  local answers = vim.lsp.buf_request_sync(0, method, params, 20000)
  local answer = answers and answers[client.id]
  if not answer or answer.err then
    fail('%s: %s', method, vim.inspect(answers))
  end
  return answer.result
end

local function go_to(d, column)
  vim.api.nvim_win_set_cursor(0, { d.lnum + 1, d.col + (column or 0) })
end

vim.cmd('filetype on')

-- A C file that is no BPF is clangd's, not ours.
vim.cmd('edit main.c')
wait('clangd at main.c', function()
  return attached('clangd', vim.api.nvim_get_current_buf())
end)
check('clients for main.c', #clients('scx_lsp'), 0)

-- The wrong call is found, at the right byte of a line that begins with
-- characters of two, four and more bytes.
vim.cmd('edit wrong.bpf.c')
wait('a diagnostic', function()
  return ours('kfunc-context') ~= nil
end)
local bufnr = vim.api.nvim_get_current_buf()
wait('clangd beside us', function()
  return attached('clangd', bufnr)
end)
local client = clients('scx_lsp')[1]
local d, count = ours('kfunc-context')
local line = vim.api.nvim_buf_get_lines(0, d.lnum, d.lnum + 1, true)[1]
check('text before the diagnostic', line:sub(1, d.col), '\t/* ü𝄞 */ ')
check('text at the diagnostic', line:sub(d.col + 1, d.end_col), 'scx_bpf_dsq_move_to_local')
check('severity', d.severity, vim.diagnostic.severity.ERROR)
check('diagnostics of the rule', count, 1)

-- Mended by typing: gone. Undone: back.
vim.api.nvim_buf_set_lines(0, d.lnum, d.lnum + 1, true, { '\t/* ü𝄞 */' })
wait('the end of the diagnostic', function()
  return ours('kfunc-context') == nil
end)
vim.api.nvim_buf_set_lines(0, d.lnum, d.lnum + 1, true, { '', line .. ' /* 𝄞 */' })
wait('the diagnostic to come back', function()
  return ours('kfunc-context') ~= nil
end)
d = ours('kfunc-context')
check('column of the diagnostic', d.col, #'\t/* ü𝄞 */ ')

-- Hover at the call: both have something to say.
go_to(d, 3)
local hover = ask(client, 'textDocument/hover')
if not (hover and hover.contents.value:find('dispatch', 1, true)) then
  fail('hover: %s', vim.inspect(hover))
end
local theirs = ask(clients('clangd')[1], 'textDocument/hover')
if not (theirs and theirs.contents.value:find('scx_bpf_dsq_move_to_local', 1, true)) then
  fail('hover of clangd: %s', vim.inspect(theirs))
end

-- Completion, after the same characters: what is allowed in ops.enqueue only.
vim.api.nvim_buf_set_lines(0, d.lnum + 1, d.lnum + 1, true, { '\t/* ü𝄞 */ scx_bpf_dsq_' })
vim.api.nvim_win_set_cursor(0, { d.lnum + 2, 100 })
vim.cmd('startinsert!')
local offered = ask(client, 'textDocument/completion', {
  position = {
    line = d.lnum + 1,
    character = client.offset_encoding == 'utf-8' and #'\t/* ü𝄞 */ scx_bpf_dsq_' or 23,
  },
})
local labels = {}
for _, item in ipairs(offered and (offered.items or offered) or {}) do
  labels[item.label] = true
end
check('scx_bpf_dsq_nr_queued is offered', labels.scx_bpf_dsq_nr_queued, true)
check('scx_bpf_dsq_move_to_local is offered', labels.scx_bpf_dsq_move_to_local, nil)
vim.cmd('stopinsert')
vim.api.nvim_buf_set_lines(0, d.lnum + 1, d.lnum + 2, true, {})

-- A code action mends the other finding.
wait('the finding in ops.init', function()
  return ours('kfunc-sleepable') ~= nil
end)
go_to(ours('kfunc-sleepable'))
local fix
wait('a code action', function() -- what was typed a moment ago may not have been checked yet
  local at = { line = ours('kfunc-sleepable').lnum, character = ours('kfunc-sleepable').col }
  local found = ask(client, 'textDocument/codeAction', { range = { start = at, ['end'] = at }, context = { diagnostics = {} } })
  fix = vim.tbl_filter(function(a)
    return a.title:find('sleepable', 1, true) and a.edit
  end, found or {})[1]
  return fix ~= nil
end)
vim.lsp.util.apply_workspace_edit(fix.edit, client.offset_encoding)
wait('the finding to be mended', function()
  return ours('kfunc-sleepable') == nil
end)

-- Commands and health, of those who have the module.
if vim.fn.exists(':ScxLspRestart') == 2 then
  vim.cmd('ScxLspExplain kfunc-context')
  wait('the page of a rule', function()
    return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\n'):find('kfunc-context', 1, true) ~= nil
  end)
  vim.cmd('bdelete!')
  vim.cmd('silent checkhealth scx_lsp')
  wait('the health check', function()
    local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\n')
    return text:find('running with positions', 1, true) ~= nil and not text:find('ERROR', 1, true)
  end)
  vim.cmd('bdelete!')
  vim.cmd('buffer ' .. bufnr)
  vim.cmd('ScxLspRestart')
  wait('another server', function()
    local now = clients('scx_lsp')[1]
    return now ~= nil and now.id ~= client.id and attached('scx_lsp', bufnr)
  end)
  wait('its diagnostics', function()
    return ours('kfunc-context') ~= nil
  end)
  client = clients('scx_lsp')[1]
elseif vim.fn.has('nvim-0.11') == 0 then
  fail('no commands')
end

-- The server ends when it is told to.
if client.stop and vim.fn.has('nvim-0.11') == 1 then
  client:stop()
else
  vim.lsp.stop_client(client.id)
end
wait('the end of the server', function()
  return #clients('scx_lsp') == 0
end)

io.stdout:write('ok: Neovim ' .. vim.fn.matchstr(vim.fn.execute('version'), 'NVIM v\\zs[^\\n]*') .. '\n')
vim.cmd('qall!')
