import ArgumentParser
import Foundation
import Muster
import MusterCore
import MusterServer
import SCIM

/// `muster token`
struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, list, replace and revoke bearer tokens; works beside a running server.",
        discussion: """
            A token stands for one client. It may do everything over SCIM, or what its scopes say:
            read, write, read:TYPE, write:TYPE such as write:User; several with commas.
            Administrators have tokens of their own: admin decides, admin:read looks. No other
            scope includes these.

              muster token create --data var --name okta --expires 365d --dialect okta
              muster token create --data var --name report --scope read:User,read:Group
              muster token rotate --data var okta --overlap 24h
              muster token revoke --data var okta
              muster token create --data var --name anna --scope admin --expires 30d
            """,
        subcommands: [Create.self, List.self, Rotate.self, Revoke.self, HashPassword.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token and print it, alone, on standard output. It is kept nowhere else.")
        @OptionGroup var data: DataOptions
        @Option(help: "The name, which becomes the actor of what is done with it.") var name: String
        @Option(help: "What it allows; several with commas. (default: *, everything over SCIM)") var scope: [String] = []
        @Option(help: "How long it is good, such as 90d, 12h or 30m. (default: for ever)") var expires: TimeSpan?
        @Option(help: "The dialect of the client that uses it, such as okta. (default: the tenant's)") var dialect: String?
        @Option(help: "The tenant whose directory it opens.") var tenant = Tenant.default.name

        func run() async throws {
            let scopes = scope.isEmpty ? AccessScopes.full : try AccessScopes(scope.joined(separator: ","))
            guard !scopes.isEmpty else { throw ValidationError("--scope: name at least one scope, such as read") }
            let known = dialect.flatMap { ClientDialect(named: $0)?.name }
            guard dialect == nil || known != nil else {
                throw ValidationError("--dialect: one of \(ClientDialect.presets.map(\.name).joined(separator: ", ")) is wanted")
            }
            try data.folder.create()
            let store = try SQLiteStore(path: data.folder.databasePath)
            let tenant = try await Token.knownTenant(tenant, in: store)
            let minted = try await TokenAdministration(store: store).create(
                name: name, tenant: tenant, scopes: scopes, lifetime: expires?.duration, dialect: known)
            Output.line(minted.text)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the tokens, without their secrets.")
        @OptionGroup var data: DataOptions
        @Option(help: "Only those of this tenant.") var tenant: String?
        @Flag(help: "Print a JSON array.") var json = false

        func run() async throws {
            let tokens = try await data.openStore().read { try $0.accessTokens() }.filter { tenant == nil || $0.tenant.name == tenant }
            if json { return Output.json(tokens.map(Self.document)) }
            let now = WallClock.system.now()
            Output.table(
                ["ID", "NAME", "TENANT", "SCOPES", "DIALECT", "CREATED", "LAST USED", "STATE"],
                tokens.map { token in
                    [
                        token.id, token.name, token.tenant.name, token.scopes.description, token.dialect ?? "-", token.created.dateTime,
                        token.lastUsed?.dateTime ?? "never", Self.state(of: token, at: now),
                    ]
                }, empty: "There are no tokens.")
        }

        private static func state(of token: AccessToken, at now: Timestamp) -> String {
            if let revoked = token.revoked { return "revoked \(revoked.dateTime)" }
            guard let expires = token.expires else { return "active" }
            return token.isLive(at: now) ? "active until \(expires.dateTime)" : "expired \(expires.dateTime)"
        }

        private static func document(_ token: AccessToken) -> AttributeValue {
            func time(_ time: Timestamp?) -> AttributeValue { time.map { .string($0.dateTime) } ?? .null }
            return [
                "id": .string(token.id), "name": .string(token.name), "tenant": .string(token.tenant.name),
                "scopes": .array(token.scopes.description.split(separator: " ").map { .string(String($0)) }),
                "dialect": token.dialect.map { .string($0) } ?? .null, "created": time(token.created), "expires": time(token.expires),
                "lastUsed": time(token.lastUsed), "revoked": time(token.revoked),
            ]
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the next token of a name and print it; the present one still works for a while.",
            discussion: """
                The new token has the scopes and the dialect of the present one. Give it to the
                client before the overlap is over.
                """)
        @OptionGroup var data: DataOptions
        @Argument(help: "The token's name.") var name: String
        @Option(help: "How long the present token still works.") var overlap = TimeSpan.day
        @Option(help: "How long the new one is good. (default: as long as the present one was meant to be)") var expires: TimeSpan?
        @Option(help: "The tenant of the token.") var tenant = Tenant.default.name

        func run() async throws {
            let minted = try await TokenAdministration(store: data.openStore()).rotate(
                name: name, tenant: Tenant(name: tenant), overlap: overlap.duration, lifetime: expires?.duration)
            Output.line(minted.text)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke a token, or all of a name; a running server refuses it within a second.")
        @OptionGroup var data: DataOptions
        @Argument(help: "The token's id or name.") var token: String
        @Option(help: "The tenant in which the name is looked for.") var tenant = Tenant.default.name

        func run() async throws {
            _ = try await TokenAdministration(store: data.openStore()).revoke(token, tenant: Tenant(name: tenant))
            Output.line("revoked \(token)")
        }
    }

    struct HashPassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "hash-password",
            abstract: "Read a password from standard input and print its hash, for authentication.basic in the configuration.")

        func run() async throws {
            guard let password = HiddenInput.readLine(prompt: "Password: ") else {
                throw CommandFailure("no password came; type it, or send it on standard input")
            }
            Output.line(String(decoding: try await PasswordHash.make(password), as: UTF8.self))
        }
    }

    /// The tenant with this name.
    fileprivate static func knownTenant(_ name: String, in store: SQLiteStore) async throws -> Tenant {
        let tenant = Tenant(name: name)
        guard try await store.read({ try $0.hasTenant(tenant) }) else {
            throw CommandFailure("there is no tenant '\(name)'; make it with 'muster tenant create'")
        }
        return tenant
    }
}
