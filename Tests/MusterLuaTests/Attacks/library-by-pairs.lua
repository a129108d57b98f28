-- The iterator of a read-only library must not hand out the library.
return function() local next, real = pairs(string) real.upper = nil end
