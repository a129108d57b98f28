-- Each thread resumes the next one, caught at every level.
return function() local function deeper() while true do pcall(coroutine.resume, coroutine.create(deeper)) end end deeper() end
