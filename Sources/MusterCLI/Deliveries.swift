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
              muster deliveries drop --data var 42 --reason "the mailbox is gone"
            """,
        subcommands: [List.self, Show.self, Retry.self, Drop.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List deliveries that are not finished, newest first.")
        @OptionGroup var data: DataOptions
        @Option(help: "Only this state: blocked, ready, leased, delivered, setAside or dropped. Several with commas.") var state: String?
        @Option(help: "Only this subscriber, such as plugin:welcome-mail.") var subscriber: String?
        @Option(help: "How many at most.") var limit = 100
        @Flag(help: "Print a JSON array.") var json = false

        func run() async throws {
            let states = try state.map(Self.states) ?? [.blocked, .ready, .leased, .setAside]
            let query = DeliveryQuery(states: states, subscriber: subscriber, limit: limit)
            let deliveries = try await data.openStore().read(.scan) { try $0.deliveries(query) }
            if json { return Output.json(deliveries.map(\.document)) }
            Output.table(
                ["ID", "STATE", "SUBSCRIBER", "HOOK", "SUBJECT", "ATTEMPTS", "DUE", "LAST ERROR"],
                deliveries.map { delivery in
                    [
                        String(delivery.id), delivery.state.rawValue, delivery.subscriber, delivery.event.kind.rawValue,
                        delivery.event.subject.id, String(delivery.attempts), delivery.due.dateTime, delivery.lastError ?? "",
                    ]
                }, empty: "Nothing is waiting.")
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
                document.append("attempt", try AttributeValue(json: record, limits: .recorded))
            }
            Output.line(AttributeValue.complex(document).jsonText)
        }
    }

    /// Which deliveries a command is about.
    struct Selection: ParsableArguments {
        @Argument(help: "Ids of deliveries.") var ids: [Int64] = []
        @Flag(help: "All that are set aside.") var all = false
        @Option(help: "All of this subscriber that are set aside.") var subscriber: String?

        func validate() throws {
            guard !ids.isEmpty || all || subscriber != nil else { throw ValidationError("name ids, --subscriber or --all") }
        }

        /// One query for each id, or one for all.
        var queries: [DeliveryQuery] {
            ids.isEmpty
                ? [DeliveryQuery(states: [.setAside], subscriber: subscriber, limit: .max)] : ids.map { DeliveryQuery(id: $0) }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try deliveries that were set aside again, with all their attempts before them.")
        @OptionGroup var data: DataOptions
        @OptionGroup var selection: Selection

        func run() async throws {
            let (queries, now) = (selection.queries, WallClock.system.now())
            let count = try await data.openStore().write { transaction in
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
        @Option(help: "Why; kept with the delivery.") var reason: String

        func run() async throws {
            let (queries, reason) = (selection.queries, reason)
            let count = try await data.openStore().write { transaction in
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
