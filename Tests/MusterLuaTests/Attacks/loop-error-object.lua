-- The error that is caught makes the next one.
return function() local e = "" while true do local _, r = pcall(error, { e }) e = r end end
