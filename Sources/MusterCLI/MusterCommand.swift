import ArgumentParser
import MusterCore

/// The command `muster`.
@main
struct MusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "muster",
        abstract: "A SCIM 2.0 service provider, scripted in Lua.",
        discussion: """
            Start a server:            muster serve --data var --plugins Plugins
            Make a token for OneLogin: muster token create --data var --name onelogin
            Try your plugins:          muster test
            Bring people in:           muster import --data var people.csv --dry-run
            Provision an application:  muster target --help
            See what got stuck:        muster deliveries list --data var

            Exit codes:
              0   all is well
              1   it failed; standard error says why
              2   a rehearsal, replay or reconciliation found more differences than may be
              64  the command line is not understood
            """,
        version: Release.version,
        subcommands: [
            Serve.self, Token.self, TenantCommand.self, ImportCommand.self, Target.self, Mapping.self, Approval.self, Audit.self,
            Plugin.self, Deliveries.self, Test.self, LuaConsole.self, Rehearse.self, ReplayCommand.self,
        ])
}
