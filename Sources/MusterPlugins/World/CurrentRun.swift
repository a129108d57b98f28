/// The run that a call out of a script belongs to, for the world behind the guards: the same ways out serve many runs.
struct CurrentRun: Sendable {
    /// The plugin.
    var plugin: String
    /// The run.
    var context: RunContext
    /// Blots out the plugin's secrets.
    var mask: SecretMask

    /// The run on whose behalf this task is at work; nil while a plugin is being loaded.
    @TaskLocal static var now: CurrentRun?
}
