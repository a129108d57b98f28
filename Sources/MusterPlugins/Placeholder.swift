// MusterPlugins
