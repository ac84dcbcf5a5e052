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

-- attach starts the server for a buffer's project unless it runs, and
-- attaches the buffer to it. It gives the client's id, nil if there is none.
function M.attach(bufnr, opts)
  opts = opts or {}
  local name = vim.api.nvim_buf_get_name(bufnr)
  if not M.is_bpf(name) then
    return nil
  end
  local root = M.root(name)
  local id = clients[root]
  if not (id and vim.lsp.get_client_by_id(id)) then
    local cmd = opts.cmd or { 'scx-lsp', 'serve' }
    if vim.fn.executable(cmd[1]) ~= 1 then
      vim.notify_once('scx-lsp: ' .. cmd[1] .. ' is no program', vim.log.levels.WARN)
      return nil
    end
    local start = vim.lsp.start_client or vim.lsp.start
    id = start({
      name = 'scx_lsp',
      cmd = cmd,
      root_dir = root,
      init_options = opts.kernels and { kernels = opts.kernels } or nil,
      capabilities = opts.capabilities,
      on_attach = opts.on_attach,
      on_exit = function()
        clients[root] = nil
      end,
    })
    clients[root] = id
  end
  if id then
    vim.lsp.buf_attach_client(bufnr, id)
  end
  return id
end

-- setup attaches to every BPF source that is opened from now on, and to those
-- that are open.
function M.setup(opts)
  local group = vim.api.nvim_create_augroup('scx_lsp', { clear = true })
  vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
    group = group,
    pattern = { '*.bpf.c', '*.bpf.h' },
    callback = function(args)
      M.attach(args.buf, opts)
    end,
  })
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) then
      M.attach(bufnr, opts)
    end
  end
end

return M
