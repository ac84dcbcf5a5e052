-- :checkhealth scx_lsp
local M = {}

local health = vim.health or {}
local start = health.start or require('health').report_start
local ok = health.ok or require('health').report_ok
local warn = health.warn or require('health').report_warn
local error_ = health.error or require('health').report_error

local function get_clients()
  return (vim.lsp.get_clients or vim.lsp.get_active_clients)()
end

function M.check()
  start('scx-lsp')
  if vim.fn.has('nvim-0.7') == 1 then
    ok('Neovim is new enough')
  else
    error_('Neovim 0.7 or later is needed')
  end
  if vim.fn.executable('scx-lsp') == 1 then
    ok(vim.fn.exepath('scx-lsp') .. ': ' .. vim.trim(vim.fn.system({ 'scx-lsp', '--version' })))
  else
    warn('scx-lsp is not on PATH', { 'go install github.com/scx-lsp/scx-lsp/cmd/scx-lsp@latest' })
  end
  for _, client in ipairs(get_clients()) do
    if client.name == 'scx_lsp' then
      ok('running with positions in ' .. (client.offset_encoding or '?') .. ' for ' .. (client.config.root_dir or '?'))
    end
  end
end

return M
