// Muster
