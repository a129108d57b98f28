import HTTPTypes
import MusterCore
import MusterSQLite
import SCIM
import Testing

@testable import MusterServer

/// An authentication with clocks that a test moves, a store and a log of its own.
struct AuthenticationRig: Sendable {
    let store: SQLiteStore
    let logs = LogRecorder()
    private let instant = LockedBox(ContinuousClock.now)
    private let date = LockedBox(Timestamp(milliseconds: 1_800_000_000_000))
    let authentication: Authentication

    init(_ settings: AuthenticationSettings = .init(), transport: (any HTTPTransport)? = nil) throws {
        store = try SQLiteStore.inMemory()
        let (instant, date) = (instant, date)
        authentication = try Authentication(
            store: store, settings: settings, transport: transport, clock: WallClock { date.value }, now: { instant.value },
            logger: logs.logger)
    }

    var clock: WallClock { WallClock { [date] in date.value } }

    var now: Timestamp { date.value }

    func advance(_ duration: Duration) {
        instant.value = instant.value.advanced(by: duration)
        date.value = date.value + duration
    }

    /// Makes a token and returns what the client sends.
    func token(
        _ name: String = "okta", tenant: Tenant = .default, scopes: AccessScopes = .full, lifetime: Duration? = nil,
        dialect: String? = nil
    ) async throws -> String {
        if tenant != .default { try? await store.write { try $0.createTenant(tenant) } }
        let minted = try TokenMinter(clock: clock).mint(
            name: name, tenant: tenant, scopes: scopes, lifetime: lifetime, dialect: dialect)
        try await store.write { try $0.insert(minted.token) }
        return "Bearer " + minted.text
    }

    func principal(
        _ authorization: String?, from address: String? = "192.0.2.1", forwardedFor: [String] = [], tenant: Tenant? = nil,
        certificate: ClientCertificate? = nil
    ) async throws -> Principal {
        var headers = HTTPFields()
        headers[.authorization] = authorization
        headers[values: .forwardedFor] = forwardedFor
        let connection = ConnectionInfo(peer: address.flatMap { IPAddress($0) }, certificate: certificate)
        return try await authentication.principal(
            for: AuthenticationRequest(headers: headers, tenant: tenant, connection: connection, logger: logs.logger))
    }

    /// The error with which a request is refused; nil when it is let in.
    func refusal(
        _ authorization: String?, from address: String? = "192.0.2.1", forwardedFor: [String] = [], tenant: Tenant? = nil,
        certificate: ClientCertificate? = nil
    ) async throws -> SCIMError? {
        do {
            _ = try await principal(
                authorization, from: address, forwardedFor: forwardedFor, tenant: tenant, certificate: certificate)
            return nil
        } catch let error as SCIMError { return error }
    }

    /// The lines that tell of failures.
    var failures: [LogRecorder.Line] { logs.lines.filter { $0.message == "authentication failed" } }
}

extension AccessScopes {
    /// Scopes that are written down in a test; none where they are malformed.
    static func of(_ text: String) -> AccessScopes { (try? AccessScopes(text)) ?? .none }
}
