import ArgumentParser
import Muster
import MusterCore
import SCIM

/// Which deliveries a command is about, beside their ids and states.
struct DeliveryFilter: ParsableArguments {
    @Option(help: "Only this subscriber, such as plugin:welcome-mail.") var subscriber: String?
    @Option(help: "Only this hook, such as onCreate. Several with commas.") var hook: String?
    @Option(help: "Only this tenant.") var tenant: String?
    @Option(help: "Only the user or group with this id; for memberships the member.") var subject: String?
    @Option(help: "Only what was committed since then: 2h, 3d, or 2026-01-31T08:00:00Z.") var since: Instant?
    @Option(help: "Only what was committed before then.") var until: Instant?
    @Option(help: "Only those whose last error holds this text.") var error: String?

    func validate() throws { _ = try kinds() }

    /// Whether anything was asked for.
    var isEmpty: Bool {
        [subscriber, hook, tenant, subject, error].allSatisfy { $0 == nil } && since == nil && until == nil
    }

    /// Puts the filter into a query.
    func apply(to query: inout DeliveryQuery, now: Timestamp) throws {
        (query.subscriber, query.subject, query.error) = (subscriber, subject, error)
        query.kinds = try kinds()
        query.tenant = tenant.map { Tenant(name: $0) }
        query.since = since?.timestamp(now: now)
        query.until = until?.timestamp(now: now)
    }

    private func kinds() throws -> [LifecycleEvent.Kind] {
        try (hook ?? "").split(separator: ",").map { name in
            guard let kind = LifecycleEvent.Kind.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() }) else {
                let names = LifecycleEvent.Kind.allCases.map(\.rawValue)
                throw ValidationError("there is no hook '\(name)'; known are: \(names.joined(separator: ", "))")
            }
            return kind
        }
    }
}

/// A time, by date or as so long ago.
enum Instant: ExpressibleByArgument {
    case date(Timestamp)
    case ago(TimeSpan)

    init?(argument: String) {
        if let span = TimeSpan(argument: argument) {
            self = .ago(span)
        } else if let date = Timestamp(dateTime: argument) {
            self = .date(date)
        } else {
            return nil
        }
    }

    func timestamp(now: Timestamp) -> Timestamp {
        switch self {
        case .date(let date): date
        case .ago(let span): now + (.zero - span.duration)
        }
    }
}
