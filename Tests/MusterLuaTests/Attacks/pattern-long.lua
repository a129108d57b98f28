-- Four thousand items without a choice among them, tried at each of a million places.
return function() return (('a'):rep(1900000)):find(('[a]'):rep(1300) .. 'b') end
