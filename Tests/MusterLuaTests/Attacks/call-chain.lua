-- Calling a table whose __call is itself grows the stack without an instruction.
return function() local t = {} setmetatable(t, {__call = t}) t() end
