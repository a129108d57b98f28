import ArgumentParser
import Muster
import MusterCore

/// `muster tenant`
struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant",
        abstract: "Make, list and delete tenants; works beside a running server.",
        discussion: """
            Each tenant has a directory, tokens and hooks' values of its own, at /tenants/NAME/scim/v2. The default tenant is \
            at /scim/v2 and always there.
            """,
        subcommands: [Create.self, List.self, Delete.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a tenant; a running server serves it at once. Then make a token: muster token create --tenant NAME.")
        @OptionGroup var data: DataOptions
        @Argument(help: "The name: lower-case letters, digits and dashes.") var name: String

        func run() async throws {
            guard Tenant.isValid(name: name) else { throw CommandFailure(Tenant.nameRule) }
            let tenant = Tenant(name: name)
            try data.folder.create()
            let store = try SQLiteStore(path: data.folder.databasePath)
            do { try await store.write { try $0.createTenant(tenant) } } catch let error as StoreError where error.code == .conflict {
                throw CommandFailure("there is a tenant called '\(name)' already")
            }
            Output.line("/tenants/\(name)/scim/v2")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the tenants with what they hold.")
        @OptionGroup var data: DataOptions
        @Flag(help: "Print a JSON array.") var json = false

        func run() async throws {
            let rows = try await data.openStore().read(.scan) { transaction in
                let tokens = try transaction.accessTokens()
                return try transaction.tenants().map { tenant in
                    Row(
                        name: tenant.name, users: try transaction.resourceCount(of: ResourceType.user.name, in: tenant),
                        groups: try transaction.resourceCount(of: ResourceType.group.name, in: tenant),
                        tokens: tokens.count { $0.tenant == tenant && $0.revoked == nil })
                }
            }
            if json {
                return Output.json(
                    rows.map { row in
                        [
                            "name": .string(row.name), "users": .integer(Int64(row.users)), "groups": .integer(Int64(row.groups)),
                            "tokens": .integer(Int64(row.tokens)),
                        ]
                    })
            }
            Output.table(
                ["NAME", "USERS", "GROUPS", "TOKENS"], rows.map { [$0.name, "\($0.users)", "\($0.groups)", "\($0.tokens)"] },
                empty: "There are no tenants.")
        }

        private struct Row: Sendable {
            var name: String
            var users: Int
            var groups: Int
            var tokens: Int
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a tenant with its users, groups, tokens and events, for good.")
        @OptionGroup var data: DataOptions
        @Argument(help: "The name.") var name: String
        @Flag(help: "Say that this is meant: what the tenant holds cannot be had back.") var yes = false

        func run() async throws {
            let tenant = Tenant(name: name)
            guard tenant != .default else { throw CommandFailure("the default tenant cannot be deleted") }
            let store = try data.openStore()
            let held = try await store.read { transaction -> Int? in
                guard try transaction.hasTenant(tenant) else { return nil }
                return try transaction.resourceCount(of: ResourceType.user.name, in: tenant)
                    + transaction.resourceCount(of: ResourceType.group.name, in: tenant)
            }
            guard let held else { throw CommandFailure("there is no tenant called '\(name)'; see 'muster tenant list'") }
            guard yes else {
                throw CommandFailure("'\(name)' holds \(held) users and groups; say --yes to delete it with all of them, for good")
            }
            try await store.write { try $0.deleteTenant(tenant) }
            Output.line("deleted \(name)")
        }
    }
}

extension ReadTransaction {
    /// How many resources of a type a tenant has.
    fileprivate func resourceCount(of type: String, in tenant: Tenant) throws -> Int {
        let query = ResourceQuery(tenant: tenant, type: type, index: AttributeIndex(attributes: [:]), limit: 0)
        return try resources(query).totalResults ?? 0
    }
}
