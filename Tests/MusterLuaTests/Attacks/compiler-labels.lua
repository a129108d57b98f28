-- require compiles modules of very many labels, each of which is compared with all others.
return function() return require('labels1'), require('labels2'), require('labels3'), require('labels4') end
