// MusterDirectory
