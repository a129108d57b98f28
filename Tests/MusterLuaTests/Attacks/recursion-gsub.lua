-- Recursion through a C function uses the C stack.
return function() local function f(s) return (s:gsub('.', f)) end return f('x') end
