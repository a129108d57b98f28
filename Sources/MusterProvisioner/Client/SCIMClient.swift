package import Logging
package import MusterCore
import SCIM
import Synchronization

/// Speaks SCIM to one target, in its dialect, as fast as it allows. What it learns of the target on the way it keeps for as long as
/// it lives.
package final class SCIMClient: Sendable {
    /// What was learnt on the way.
    struct Learnt {
        var dialect: TargetDialect
        /// What it cannot find by a filter, such as `Groups displayName`: some know filters for a few attributes only.
        var unsearchable: Set<String> = []
        /// The accounts of a target that cannot be searched, until this time.
        var accounts: (list: [RemoteResource], expires: Timestamp)?
    }

    private static let responseLimitBytes = 32 << 20
    /// How often one request waits for a target that is asked too often.
    private static let patientAttempts = 5

    /// What the administrator decided.
    package let definition: TargetDefinition
    let learnt: Mutex<Learnt>
    let clock: WallClock
    let logger: Logger
    /// A group that is read, merged and put is so by one at a time; and one that two people need is made once.
    let groupTurns = InTurn()
    private let transport: any HTTPTransport
    private let credentials: Credentials
    private let pace: TargetPace

    /// Creates a client.
    /// - Parameters:
    ///   - secret: The value of a secret by its name; nil where there is none.
    ///   - sleep: Waits for the target's pace.
    package init(
        definition: TargetDefinition, transport: any HTTPTransport, secret: @escaping @Sendable (String) -> String?, clock: WallClock,
        sleep: @escaping @Sendable (Duration) async throws -> Void, logger: Logger
    ) {
        self.definition = definition
        self.transport = transport
        self.clock = clock
        self.logger = logger
        learnt = Mutex(Learnt(dialect: definition.dialect))
        credentials = Credentials(definition, secret: secret, transport: transport, clock: clock)
        pace = TargetPace(definition.dialect, clock: clock, sleep: sleep)
    }

    /// What the target can and cannot do, as far as it is known by now.
    var dialect: TargetDialect { learnt.withLock { $0.dialect } }

    /// Remembers what the target cannot do.
    func learn(_ change: (inout TargetDialect) -> Void) { learnt.withLock { change(&$0.dialect) } }

    /// Whether resources can be found by a filter on an attribute, as far as it is known by now.
    func isSearchable(_ endpoint: String, by attribute: String) -> Bool {
        learnt.withLock { $0.dialect.filter && !$0.unsearchable.contains("\(endpoint) \(attribute)") }
    }

    /// Sends one request.
    /// - Returns: The answer to it, of whatever status below 400, and what is kept of it.
    /// - Throws: ``TargetError``; `CancellationError`.
    func send(
        _ method: String, _ path: String, _ body: AttributeValue? = nil
    ) async throws -> (answer: OutboundResponse, sent: SentRequest) {
        // Who says how long to wait is waited for: what was refused so has not been done.
        for _ in 0..<Self.patientAttempts {
            do { return try await sendOnce(method, path, body) } catch let error as TargetError
                where error.code == .throttled && error.retryAfter ?? TargetPace.longestWait * 2 <= TargetPace.longestWait
            { continue }
        }
        return try await sendOnce(method, path, body)
    }

    private func sendOnce(
        _ method: String, _ path: String, _ body: AttributeValue?
    ) async throws -> (answer: OutboundResponse, sent: SentRequest) {
        var answer = try await attempt(method, path, body)
        if answer.status == 401, credentials.canRenew {
            credentials.forget()
            answer = try await attempt(method, path, body)
        }
        if answer.status == 415 || answer.status == 406, dialect.mediaType != "application/json" {
            learn { $0.mediaType = "application/json" }
            answer = try await attempt(method, path, body)
        }
        if let error = TargetError(answer, to: "\(method) \(path)", now: clock.now()) {
            if error.code == .throttled || error.status == 503, let wait = error.retryAfter { pace.pause(for: wait) }
            throw error
        }
        return (answer, SentRequest(method: method, path: path, status: answer.status))
    }

    private func attempt(_ method: String, _ path: String, _ body: AttributeValue?) async throws -> OutboundResponse {
        let dialect = dialect
        try await pace.wait(isWrite: method != "GET")
        var headers = [
            HTTPHeader("Accept", dialect.mediaType), HTTPHeader("User-Agent", "Muster/\(Release.version)"),
        ]
        if body != nil { headers.append(HTTPHeader("Content-Type", dialect.mediaType)) }
        headers += definition.headers.sorted { $0.key < $1.key }.map { HTTPHeader($0.key, $0.value) }
        if let proof = try await credentials.header() { headers.append(proof) }
        var request = OutboundRequest(
            method: method, url: definition.baseURL + path, headers: headers, body: body?.jsonBytes ?? [], timeout: dialect.timeout,
            responseLimitBytes: Self.responseLimitBytes, allowsPrivateAddress: definition.allowsPrivateAddress)
        request.clientCertificate = credentials.certificate
        do { return try await transport.send(request) } catch let error as TransportError {
            let code: TargetError.Code =
                switch error.code {
                case .cancelled: throw CancellationError()
                case .invalidURL, .refusedAddress, .invalidCertificate: .misconfigured
                case .responseTooLarge: .invalidAnswer
                default: .unreachable
                }
            throw TargetError(code, error.message, request: "\(method) \(path)")
        }
    }
}

extension OutboundResponse {
    /// The body as JSON; nil where it is none.
    var json: AttributeValue? {
        try? AttributeValue(json: body, limits: JSONLimits(maximumBytes: 64 << 20, maximumMembers: 1_000_000))
    }
}
