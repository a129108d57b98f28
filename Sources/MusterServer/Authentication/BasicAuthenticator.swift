import Crypto
import MusterCore
import Synchronization

/// Knows clients by name and password (RFC 7617).
final class BasicAuthenticator: Sendable {
    /// How long a password that was right counts as right without being hashed again. Users change with a restart only.
    private static let lifetime = Duration.seconds(300)

    private let users: [String: BasicUser]
    /// What a password is checked against when there is no such user, so that time tells nothing.
    private let decoy: [UInt8]
    /// Checks that are under way: a client that opens many connections at once is checked once.
    private let checks = Mutex<[SHA256Digest: Task<Bool, Never>]>([:])

    init(users: [BasicUser]) {
        self.users = Dictionary(users.map { ($0.name, $0) }) { first, _ in first }
        decoy = Array((users.first?.passwordHash ?? "").utf8)
    }

    /// The user with this name and password.
    /// - Throws: ``AuthenticationFailure``.
    func verify(name: String, password: String, digest: SHA256Digest) async throws -> Verified {
        let user = users[name]
        let hash = user.map { Array($0.passwordHash.utf8) } ?? decoy
        let check = checks.withLock { checks in
            if let check = checks[digest] { return check }
            let check = Task { await PasswordHash.verify(password, against: hash) }
            checks[digest] = check
            return check
        }
        let isRight = await check.value
        checks.withLock { $0[digest] = nil }
        guard isRight, let user else {
            // The name is told only where it is one of ours: a password may stand in its place.
            throw AuthenticationFailure(reason: user == nil ? "no such user" : "wrong password", tokenID: user.map { "basic:\($0.name)" })
        }
        let principal = Principal(
            tokenID: "basic:\(user.name)", name: user.name, tenant: user.tenant, scopes: user.scopes, dialect: user.dialect)
        return Verified(principal: principal, lifetime: Self.lifetime)
    }
}
