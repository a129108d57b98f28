import ArgumentParser
import Foundation
import Muster
import MusterCore
import MusterPlugins
import SCIM

/// `muster deliveries`
struct Deliveries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See and mend what is on its way to hooks; works beside a running server.",
        discussion: """
            A hook that fails is tried again with growing waits. After the last attempt
            its delivery is set aside: kept, but no longer tried, until 'retry' or 'drop'.

              muster deliveries list --data var --state setAside
              muster deliveries show --data var 42
              muster deliveries retry --data var --subscriber plugin:welcome-mail
              muster deliveries retry --data var --hook onCreate --since 2h
              muster deliveries drop --data var 42 --reason "the mailbox is gone"

            With --dry-run, 'retry' and 'drop' only list what they would be about. What
            waits for a plugin that is gone stays until the plugin is back, or until:

              muster deliveries drop --data var --subscriber plugin:gone \\
                --state ready,blocked --reason "the plugin was removed"
            """,
        subcommands: [List.self, Show.self, Retry.self, Drop.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List deliveries that are not finished, newest first.")
        @OptionGroup var data: DataOptions
        @Option(help: "Only this state: blocked, ready, leased, delivered, setAside or dropped. Several with commas.") var state: String?
        @OptionGroup var filter: DeliveryFilter
        @Option(help: "How many at most.") var limit = 100
        @Flag(help: "Print a JSON array.") var json = false

        func run() async throws {
            let states = try state.map(Self.states) ?? [.blocked, .ready, .leased, .setAside]
            var query = DeliveryQuery(states: states, limit: limit)
            try filter.apply(to: &query, now: WallClock.system.now())
            let deliveries = try await data.openStore().read(.scan) { [query] in try $0.deliveries(query) }
            if json { return Output.json(deliveries.map(\.document)) }
            Deliveries.print(deliveries, empty: "Nothing is waiting.")
        }

        static func states(_ text: String) throws -> [Delivery.State] {
            try text.split(separator: ",").map { name in
                guard let state = Delivery.State.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() }) else {
                    throw ValidationError(
                        "there is no state '\(name)'; known are: \(Delivery.State.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                return state
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one delivery with its event, and with what its last attempt did, as JSON.")
        @OptionGroup var data: DataOptions
        @Argument(help: "The delivery's id.") var id: Int64

        func run() async throws {
            let query = DeliveryQuery(id: id)
            let store = try data.openStore()
            guard let delivery = try await store.read({ try $0.deliveries(query) }).first else {
                throw CommandFailure("there is no delivery \(id)")
            }
            let recorded = try await store.read(.scan) {
                try $0.recordedDeliveries(to: delivery.subscriber, after: delivery.id - 1, fromChange: 0, limit: 1)
            }
            var document = delivery.document.complex ?? [:]
            let change = delivery.event.change
            document.append("before", try change.before.map { try AttributeValue(json: $0) } ?? .null)
            document.append("after", try change.after.map { try AttributeValue(json: $0) } ?? .null)
            document.append("changes", .array(change.changes.map { .string($0.path) }))
            if let record = recorded.first?.record, recorded.first?.delivery.id == delivery.id {
                document.append("attempt", RunRecord(bytes: record)?.document ?? .null)
            }
            Output.line(AttributeValue.complex(document).jsonText)
        }
    }

    /// Which deliveries a command is about.
    struct Selection: ParsableArguments {
        @Argument(help: "Ids of deliveries.") var ids: [Int64] = []
        @Flag(help: "All that are set aside.") var all = false
        @Flag(help: "Change nothing; list what it would be about.") var dryRun = false
        @OptionGroup(title: "Filters") var filter: DeliveryFilter

        func validate() throws {
            guard !ids.isEmpty || all || !filter.isEmpty else { throw ValidationError("name ids, a filter such as --subscriber, or --all") }
        }

        /// One query for each id, or one for all, with the filter.
        /// - Parameter states: What is meant where no ids are named.
        func queries(_ states: [Delivery.State]) throws -> [DeliveryQuery] {
            var queries = ids.isEmpty ? [DeliveryQuery(states: states, limit: .max)] : ids.map { DeliveryQuery(id: $0) }
            for index in queries.indices { try filter.apply(to: &queries[index], now: WallClock.system.now()) }
            return queries
        }

        /// Lists what the queries find in one of `states`.
        func preview(_ queries: [DeliveryQuery], _ states: [Delivery.State], in store: SQLiteStore) async throws {
            let found = try await store.read(.scan) { transaction in
                try queries.flatMap { query in
                    var query = query
                    if query.states.isEmpty { query.states = states }
                    return try transaction.deliveries(query)
                }
            }
            Deliveries.print(found, empty: "Nothing is meant by that.")
        }
    }

    /// Prints deliveries as a table.
    private static func print(_ deliveries: [Delivery], empty: String) {
        Output.table(
            ["ID", "STATE", "SUBSCRIBER", "HOOK", "SUBJECT", "ATTEMPTS", "DUE", "LAST ERROR"],
            deliveries.map { delivery in
                [
                    String(delivery.id), delivery.state.rawValue, delivery.subscriber, delivery.event.kind.rawValue,
                    delivery.event.subject.id, String(delivery.attempts), delivery.due.dateTime, delivery.lastError ?? "",
                ]
            }, empty: empty)
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try deliveries that were set aside again, with all their attempts before them.")
        @OptionGroup var data: DataOptions
        @OptionGroup var selection: Selection

        func run() async throws {
            let (store, queries, now) = (try data.openStore(), try selection.queries([.setAside]), WallClock.system.now())
            if selection.dryRun { return try await selection.preview(queries, [.setAside], in: store) }
            let count = try await store.write { transaction in
                try queries.reduce(0) { try $0 + transaction.redriveDeliveries($1, now: now) }
            }
            guard count > 0 else { throw CommandFailure("none of these is set aside; see 'muster deliveries list --state setAside'") }
            Output.line("\(count) will be tried again")
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give deliveries up for good.")
        @OptionGroup var data: DataOptions
        @OptionGroup var selection: Selection
        @Option(help: "With a filter: those in these states instead of setAside, such as ready,blocked.") var state: String?
        @Option(help: "Why; kept with the delivery.") var reason: String

        func run() async throws {
            let states = try state.map(List.states) ?? [.setAside]
            let (store, queries, reason) = (try data.openStore(), try selection.queries(states), reason)
            if selection.dryRun {
                return try await selection.preview(queries, [.blocked, .ready, .leased, .setAside], in: store)
            }
            let count = try await store.write { transaction in
                try queries.reduce(0) { try $0 + transaction.dropDeliveries($1, reason: reason) }
            }
            guard count > 0 else { throw CommandFailure("none of these can be dropped: they are finished, at work, or not there") }
            Output.line("\(count) dropped")
        }
    }
}

extension Delivery {
    /// The delivery as JSON, without documents.
    fileprivate var document: AttributeValue {
        var map: AttributeMap = [
            "id": .integer(id), "state": .string(state.rawValue), "subscriber": .string(subscriber),
            "eventID": .string(event.id), "hook": .string(event.kind.rawValue),
            "subject": ["type": .string(event.subject.type), "id": .string(event.subject.id)],
            "attempts": .integer(Int64(attempts)), "due": .string(due.dateTime),
            "actor": .string(event.change.actor), "requestID": .string(event.change.requestID),
        ]
        if let group = event.group { map.append("group", .string(group.id)) }
        if let lastError { map.append("lastError", .string(lastError)) }
        return .complex(map)
    }
}
