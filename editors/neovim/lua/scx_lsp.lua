-- scx-lsp for Neovim 0.7 to 0.10:
--
--   require('scx_lsp').setup({ cmd = { 'scx-lsp', 'serve' }, kernels = { '7.3' } })
--
-- Neovim 0.11 and later can use lsp/scx_lsp.lua and vim.lsp.enable('scx_lsp')
-- instead; setup() works there as well.
local M = {}

local markers = { '.scx-lsp.toml', 'compile_commands.json', '.git' }

-- is_bpf tells whether a file is ours. clangd gets all of C; we do not.
function M.is_bpf(name)
  return name:match('%.bpf%.[ch]$') ~= nil
end

-- root gives the folder that a file's project begins in.
function M.root(name)
  local dir = vim.fn.fnamemodify(name, ':p:h')
  local at = dir
  while true do
    for _, marker in ipairs(markers) do
      if vim.loop.fs_stat(at .. '/' .. marker) then
        return at
      end
    end
    local up = vim.fn.fnamemodify(at, ':h')
    if up == at then
      return dir
    end
    at = up
  end
end

local clients = {} -- root -> client id

-- start_client starts a server for a project; on_exit forgets it.
local function start_client(root, opts)
  local cmd = opts.cmd or { 'scx-lsp', 'serve' }
  if vim.fn.executable(cmd[1]) ~= 1 then
    vim.notify_once('scx-lsp: ' .. cmd[1] .. ' is no program', vim.log.levels.WARN)
    return nil
  end
  local id
  local start = vim.fn.has('nvim-0.11') == 1 and vim.lsp.start or vim.lsp.start_client
  id = start({
    name = 'scx_lsp',
    cmd = cmd,
    root_dir = root,
    init_options = opts.kernels and { kernels = opts.kernels } or nil,
    capabilities = opts.capabilities,
    on_attach = opts.on_attach,
    on_exit = function()
      if clients[root] == id then
        clients[root] = nil
      end
    end,
  })
  return id
end

-- attach starts the server for a buffer's project unless it runs, and
-- attaches the buffer to it. It gives the client's id, nil if there is none.
function M.attach(bufnr, opts)
  local name = vim.api.nvim_buf_get_name(bufnr)
  if not M.is_bpf(name) then
    return nil
  end
  local root = M.root(name)
  local id = clients[root]
  if not (id and vim.lsp.get_client_by_id(id)) then
    id = start_client(root, opts or {})
    clients[root] = id
  end
  if id then
    vim.lsp.buf_attach_client(bufnr, id)
  end
  return id
end

local function attach_open(opts)
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) then
      M.attach(bufnr, opts)
    end
  end
end

-- restart ends the servers and starts new ones for the buffers that are open.
function M.restart(opts)
  for root, id in pairs(clients) do
    clients[root] = nil
    local client = vim.lsp.get_client_by_id(id)
    if client and vim.fn.has('nvim-0.11') == 1 then
      client:stop()
    elseif client then
      vim.lsp.stop_client(id)
    end
  end
  attach_open(opts)
end

-- explain shows the page of a rule; without one, that of the finding under the
-- cursor. The program is asked: its pages are those of the server.
function M.explain(rule, opts)
  if rule == '' then
    local here = vim.tbl_filter(function(d)
      return d.source == 'scx-lsp'
    end, vim.diagnostic.get(0, { lnum = vim.api.nvim_win_get_cursor(0)[1] - 1 }))[1]
    rule = here and (here.code or (here.user_data and here.user_data.lsp and here.user_data.lsp.code)) or ''
  end
  local program = (opts and opts.cmd or { 'scx-lsp' })[1]
  local page = vim.fn.systemlist({ program, 'explain', rule })
  if vim.v.shell_error ~= 0 then
    vim.notify(table.concat(page, '\n'), vim.log.levels.WARN)
    return
  end
  vim.cmd('new')
  vim.api.nvim_buf_set_lines(0, 0, -1, true, page)
  vim.bo.buftype, vim.bo.bufhidden, vim.bo.modifiable, vim.bo.filetype = 'nofile', 'wipe', false, 'markdown'
end

-- setup attaches to every BPF source that is opened from now on, and to those
-- that are open, and makes the commands.
function M.setup(opts)
  local group = vim.api.nvim_create_augroup('scx_lsp', { clear = true })
  vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
    group = group,
    pattern = { '*.bpf.c', '*.bpf.h' },
    callback = function(args)
      M.attach(args.buf, opts)
    end,
  })
  vim.api.nvim_create_user_command('ScxLspRestart', function()
    M.restart(opts)
  end, { desc = 'End the scx-lsp server and start a new one' })
  vim.api.nvim_create_user_command('ScxLspExplain', function(args)
    M.explain(args.args, opts)
  end, { nargs = '?', desc = 'Explain a rule, or that of the finding on this line' })
  attach_open(opts)
end

return M
