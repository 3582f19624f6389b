-- What somebody does in Neovim, by its own commands. What came of it goes to the file that FLEETNET_SAID names, as JSON.

local said = {}
local TIMEOUT = 20000

local function wait(what, condition)
  if not vim.wait(TIMEOUT, condition, 20) then
    error("waited in vain for " .. what)
  end
end

--- What is found of a name.
local function findings(name)
  return vim.tbl_map(function(found)
    return { line = found.lnum + 1, text = found.message, severity = found.severity, code = found.code or vim.tbl_get(found, "user_data", "lsp", "code") }
  end, vim.tbl_filter(function(found) return found.message:find(name, 1, true) end, vim.diagnostic.get(0)))
end

--- Puts the cursor onto the first character of a text.
local function go(text)
  vim.fn.cursor(1, 1)
  if vim.fn.search("\\V" .. text, "cW") == 0 then
    error("no " .. text)
  end
end

local function place()
  return { file = vim.fn.expand("%:."), line = vim.api.nvim_get_current_line() }
end

local function floating()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= "" then
      return window
    end
  end
end

local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(0, method, params, TIMEOUT) or {}
  for _, answer in pairs(answers) do
    return answer.result
  end
end

local function session()
  vim.cmd("edit teams/shop/shop.fleetnet")
  said.filetype = vim.bo.filetype
  said.commentstring = vim.bo.commentstring
  wait("the server", function() return #vim.lsp.buf_get_clients(0) > 0 end)
  local client
  for _, one in pairs(vim.lsp.buf_get_clients(0)) do client = one end
  wait("its first word", function() return client.initialized end)

  -- A mistake is typed, and mended by the fix that comes with it.
  go("cart in local")
  vim.cmd("normal! cwcrat")
  wait("a finding", function() return #findings("shop/crat") > 0 end)
  said.mistake = { line = vim.api.nvim_get_current_line(), found = findings("shop/crat") }
  local range = vim.lsp.util.make_range_params()
  range.context = { diagnostics = {} }
  local actions = ask("textDocument/codeAction", range)
  said.actions = vim.tbl_map(function(action) return action.title end, actions)
  vim.lsp.util.apply_workspace_edit(actions[1].edit, client.offset_encoding)
  wait("no finding", function() return #findings("shop/crat") == 0 end)
  said.mended = vim.api.nvim_get_current_line()

  go("checkout on http")
  vim.lsp.buf.hover()
  wait("a hover", floating)
  said.hover = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(floating()), 0, -1, false), "\n")
  vim.api.nvim_win_close(floating(), true)

  go("checkout on http")
  vim.lsp.buf.definition()
  wait("the declaration", function() return vim.fn.expand("%:t") ~= "shop.fleetnet" end)
  said.definition = place()
  vim.cmd("buffer shop.fleetnet")

  go("cart {")
  vim.lsp.buf.references()
  wait("the references", function() return #vim.fn.getqflist() > 0 end)
  said.references = #vim.fn.getqflist()
  vim.cmd("cclose")

  go("cart {")
  vim.lsp.buf.rename("basket")
  wait("the rename", function() return vim.fn.search("shop/basket", "nw") > 0 end)
  -- What is saved has its layout.
  go("allow from world")
  vim.cmd("normal! i     ")
  vim.cmd("silent wall")
  go("allow from world")
  said.laid_out = vim.api.nvim_get_current_line()

  vim.fn.append(vim.fn.line("$"), "policy more { allow shop/")
  vim.fn.cursor(vim.fn.line("$"), 1000)
  vim.cmd("normal! $")
  local params = vim.lsp.util.make_position_params()
  params.position.character = params.position.character + 1
  local list = ask("textDocument/completion", params)
  said.completion = vim.tbl_map(function(item) return item.label end, list.items or list)
  vim.cmd("normal! dd")

  vim.lsp.buf.document_symbol()
  wait("the outline", function() return vim.fn.getloclist(0, { title = 1 }).title:find("Symbols") or vim.fn.getqflist({ title = 1 }).title:find("Symbols") end)
  said.outline = #vim.fn.getloclist(0) + #vim.fn.getqflist()
end

local ok, problem = pcall(session)
if not ok then
  said.problem = tostring(problem)
  said.log = vim.fn.filereadable(vim.lsp.get_log_path()) == 1 and table.concat(vim.fn.readfile(vim.lsp.get_log_path()), "\n") or ""
end
vim.fn.writefile({ vim.json and vim.json.encode(said) or vim.fn.json_encode(said) }, vim.env.FLEETNET_SAID)
vim.cmd("qall!")
