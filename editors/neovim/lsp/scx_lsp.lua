-- Neovim 0.11 and later: with this folder in 'runtimepath',
--   vim.lsp.enable('scx_lsp')
-- and, to choose kernels,
--   vim.lsp.config('scx_lsp', { init_options = { kernels = { '7.3' } } })
return {
  cmd = { 'scx-lsp', 'serve' },
  filetypes = { 'c', 'cpp' }, -- Neovim takes .h for C++ unless told otherwise
  -- Only BPF sources: without on_dir() the server is not attached.
  root_dir = function(bufnr, on_dir)
    local scx = require('scx_lsp')
    local name = vim.api.nvim_buf_get_name(bufnr)
    if scx.is_bpf(name) then
      on_dir(scx.root(name))
    end
  end,
}
