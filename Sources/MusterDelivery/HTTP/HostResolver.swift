import Foundation
import MusterCore
import Synchronization

/// Looks host names up, on threads of its own: `getaddrinfo` blocks, for many seconds where a name server is away.
///
/// Those who ask for the same name share one look-up. What was found is kept for a few seconds.
final class HostResolver: Sendable {
    /// Looks a name up, blocking; empty when there is no such name.
    typealias Lookup = @Sendable (String) -> [IPAddress]

    private struct Found {
        var addresses: [IPAddress]
        var until: ContinuousClock.Instant
    }

    private struct State {
        var found: [String: Found] = [:]
        var waiting: [String: [UInt64: CheckedContinuation<[IPAddress], any Error>]] = [:]
        /// Names that no thread has taken yet, oldest first.
        var queue: [String] = []
        var threads = 0
        var lastWaiter: UInt64 = 0
    }

    private let lookup: Lookup
    private let lifetime: Duration
    private let state = Mutex(State())

    static let threadLimit = 8
    static let queueLimit = 256
    static let cacheLimit = 256

    /// Creates a resolver.
    /// - Parameter lifetime: How long an answer is kept.
    init(lifetime: Duration = .seconds(10), lookup: @escaping Lookup) {
        self.lifetime = lifetime
        self.lookup = lookup
    }

    /// The addresses of a name in the order in which they are to be tried.
    /// - Throws: ``TransportError`` `unresolvedHost`; `CancellationError` as soon as the task is cancelled.
    func addresses(of host: String) async throws -> [IPAddress] {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let addresses = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer = state.withLock { join(host, id, continuation, &$0) }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let continuation = state.withLock { $0.waiting[host]?.removeValue(forKey: id) }
            continuation?.resume(throwing: CancellationError())
        }
        guard !addresses.isEmpty else { throw TransportError(.unresolvedHost, "the host '\(host)' is not known") }
        return addresses
    }

    /// Answers from what is known, or queues up.
    private func join(
        _ host: String, _ id: UInt64, _ continuation: CheckedContinuation<[IPAddress], any Error>, _ state: inout State
    ) -> Result<[IPAddress], any Error>? {
        if Task.isCancelled { return .failure(CancellationError()) }
        if let found = state.found[host], found.until > .now { return .success(found.addresses) }
        if state.waiting[host] == nil {
            guard state.queue.count < Self.queueLimit else {
                return .failure(TransportError(.unresolvedHost, "too many host names wait to be looked up"))
            }
            state.queue.append(host)
            if state.threads < Self.threadLimit {
                state.threads += 1
                Thread.detachNewThread { [self] in while work() {} }
            }
        }
        state.waiting[host, default: [:]][id] = continuation
        return nil
    }

    /// Looks up the next name, on a thread.
    /// - Returns: Whether there may be another one.
    private func work() -> Bool {
        let host = state.withLock { state -> String? in
            guard !state.queue.isEmpty else {
                state.threads -= 1
                return nil
            }
            return state.queue.removeFirst()
        }
        guard let host else { return false }
        let addresses = lookup(host)
        let waiters = state.withLock { state in
            if !addresses.isEmpty { remember(addresses, of: host, &state) }
            return state.waiting.removeValue(forKey: host) ?? [:]
        }
        for waiter in waiters.values { waiter.resume(returning: addresses) }
        return true
    }

    private func remember(_ addresses: [IPAddress], of host: String, _ state: inout State) {
        let now = ContinuousClock.now
        if state.found.count >= Self.cacheLimit { state.found = state.found.filter { $0.value.until > now } }
        if state.found.count >= Self.cacheLimit { state.found.removeAll() }
        state.found[host] = Found(addresses: addresses, until: now + lifetime)
    }
}

extension IPAddress {
    /// The addresses of a name, as the machine looks them up, in the order that RFC 6724 asks for. Blocks.
    static func all(of host: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var addresses: [IPAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = IPAddress(entry), !addresses.contains(address) { addresses.append(address) }
            next = entry.ai_next
        }
        return addresses
    }

    /// The address in an entry of `getaddrinfo`.
    fileprivate init?(_ entry: addrinfo) {
        guard let socket = entry.ai_addr else { return nil }
        let raw = UnsafeRawPointer(socket)
        switch entry.ai_family {
        case AF_INET:
            let address = raw.loadUnaligned(as: sockaddr_in.self).sin_addr
            self.init(bytes: withUnsafeBytes(of: address) { Array($0) })
        case AF_INET6:
            let address = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            self.init(bytes: withUnsafeBytes(of: address) { Array($0) })
        default:
            return nil
        }
    }
}
