-- Run by ./run. Every check that fails ends Neovim with an error.
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
  if not vim.wait(20000, cond, 10) then
    fail('%s did not happen; diagnostics: %s', what, vim.inspect(vim.diagnostic.get(0)))
  end
end

local function ours()
  return vim.tbl_filter(function(d)
    return d.source == 'scx-lsp'
  end, vim.diagnostic.get(0))
end

local function clients()
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  return vim.tbl_filter(function(c)
    return c.name == 'scx_lsp'
  end, get())
end

local cmd = { os.getenv('SCX_LSP'), 'serve' }
vim.cmd('filetype on')
if vim.lsp.enable then
  vim.lsp.config('scx_lsp', { cmd = cmd })
  vim.lsp.enable('scx_lsp')
else
  require('scx_lsp').setup({ cmd = cmd })
end

-- A C file that is no BPF is not ours.
vim.cmd('edit main.c')
vim.wait(200, function()
  return false
end)
check('clients for main.c', #clients(), 0)

-- The wrong call is found, at the right byte of a line that begins with
-- characters of two, four and more bytes.
vim.cmd('edit wrong.bpf.c')
wait('a diagnostic', function()
  return #ours() == 1
end)
local d = ours()[1]
local line = vim.api.nvim_buf_get_lines(0, d.lnum, d.lnum + 1, true)[1]
check('text at the diagnostic', line:sub(d.col + 1, d.end_col), 'scx_bpf_dsq_move_to_local')
check('severity', d.severity, vim.diagnostic.severity.ERROR)
if not d.message:find('scx_bpf_dsq_move_to_local', 1, true) then
  fail('message: %s', d.message)
end

-- Mended by typing: gone. Undone: back.
vim.api.nvim_buf_set_lines(0, d.lnum, d.lnum + 1, true, { '\t/* ü𝄞 */' })
wait('the end of the diagnostic', function()
  return #ours() == 0
end)
vim.api.nvim_buf_set_lines(0, d.lnum, d.lnum + 1, true, { '', line .. ' /* 𝄞 */' })
wait('the diagnostic to come back', function()
  return #ours() == 1
end)
check('line of the diagnostic', ours()[1].lnum, d.lnum + 1)
check('column of the diagnostic', ours()[1].col, d.col)

-- Hover at the call.
vim.api.nvim_win_set_cursor(0, { d.lnum + 2, d.col + 3 })
local client = clients()[1]
local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
local answers = vim.lsp.buf_request_sync(0, 'textDocument/hover', params, 10000)
local hover = answers and answers[client.id] and answers[client.id].result
if not (hover and hover.contents.value:find('scx_bpf_dsq_move_to_local', 1, true)) then
  fail('hover: %s', vim.inspect(answers))
end

-- The server ends when it is told to.
vim.lsp.stop_client(client.id)
wait('the end of the server', function()
  return #clients() == 0
end)

io.stdout:write('ok: Neovim ' .. vim.fn.matchstr(vim.fn.execute('version'), 'NVIM v\\zs[^\\n]*') .. '\n')
vim.cmd('qall!')
