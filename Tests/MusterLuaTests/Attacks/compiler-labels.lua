-- require compiles a module of very many labels, each of which is compared with all others.
return function() return require('labels') end
