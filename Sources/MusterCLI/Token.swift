import ArgumentParser
import Foundation
import Muster
import MusterCore
import SCIM
import MusterServer

/// `muster token`
struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, list and revoke bearer tokens; works beside a running server.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token and print it, alone, on standard output. It is kept nowhere else.")
        @OptionGroup var data: DataOptions
        @Option(help: "The name, which becomes the actor of what is done with it.") var name: String

        func run() async throws {
            try data.folder.create()
            let store = try SQLiteStore(path: data.folder.databasePath)
            guard try await !store.read({ try $0.accessTokens() }).contains(where: { $0.name == name && $0.revoked == nil }) else {
                throw CommandFailure("there is a token called '\(name)' already; revoke it first, or choose another name")
            }
            let minted = try TokenMinter().mint(name: name)
            try await store.write { try $0.insert(minted.token) }
            Output.line(minted.text)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the tokens, without their secrets.")
        @OptionGroup var data: DataOptions
        @Flag(help: "Print a JSON array.") var json = false

        func run() async throws {
            let tokens = try await data.openStore().read { try $0.accessTokens() }
            if json {
                return Output.json(
                    tokens.map { token in
                        [
                            "id": .string(token.id), "name": .string(token.name), "tenant": .string(token.tenant.name),
                            "created": .string(token.created.dateTime), "revoked": token.revoked.map { .string($0.dateTime) } ?? .null,
                        ]
                    })
            }
            Output.table(
                ["ID", "NAME", "CREATED", "STATE"],
                tokens.map { [$0.id, $0.name, $0.created.dateTime, $0.revoked.map { "revoked \($0.dateTime)" } ?? "active"] },
                empty: "There are no tokens.")
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke a token; a running server refuses it within a second.")
        @OptionGroup var data: DataOptions
        @Argument(help: "The token's id or name.") var token: String

        func run() async throws {
            let (token, now) = (token, WallClock.system.now())
            guard try await data.openStore().write({ try $0.revokeAccessToken(token, at: now) }) else {
                throw CommandFailure("there is no active token with the id or name '\(token)'; see 'muster token list'")
            }
            Output.line("revoked \(token)")
        }
    }
}
