package import MusterCore
import SCIM

/// Makes, replaces and revokes access tokens in a store.
///
/// A name has at most two live tokens, of which the older one is on its way out: so a client can be given its next token
/// while the present one still works.
package struct TokenAdministration: Sendable {
    /// What cannot be done, and what to do instead.
    package struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }

    private static let mostLiveTokens = 2

    private let store: any Store
    private let clock: WallClock

    package init(store: any Store, clock: WallClock = .system) {
        self.store = store
        self.clock = clock
    }

    /// Makes a token under a name that no live one has.
    /// - Parameter lifetime: How long it is good; nil for ever.
    /// - Throws: ``Refusal``, ``TokenMinter/InvalidName``; a store's error.
    package func create(
        name: String, tenant: Tenant = .default, scopes: AccessScopes = .full, lifetime: Duration? = nil, dialect: String? = nil
    ) async throws -> TokenMinter.Minted {
        let minted = try TokenMinter(clock: clock).mint(name: name, tenant: tenant, scopes: scopes, lifetime: lifetime, dialect: dialect)
        let now = clock.now()
        try await store.write { transaction in
            guard try Self.live(name, in: tenant, at: now, transaction).isEmpty else {
                throw Refusal(
                    description: "there is a token called '\(name)' already; replace it with 'muster token rotate', revoke it first, "
                        + "or choose another name")
            }
            try transaction.insert(minted.token)
        }
        return minted
    }

    /// Makes a second token with the name, scopes and dialect of the present one, which ends after a while.
    /// - Parameters:
    ///   - overlap: For how long the present one still works.
    ///   - lifetime: How long the new one is good; nil for as long as the present one was meant to be.
    /// - Throws: ``Refusal``; a store's error.
    package func rotate(
        name: String, tenant: Tenant = .default, overlap: Duration, lifetime: Duration? = nil
    ) async throws -> TokenMinter.Minted {
        let (minter, now) = (TokenMinter(clock: clock), clock.now())
        return try await store.write { transaction in
            let live = try Self.live(name, in: tenant, at: now, transaction)
            guard let present = live.last else {
                throw Refusal(description: "there is no live token called '\(name)'; make one with 'muster token create'")
            }
            guard live.count < Self.mostLiveTokens else {
                let ids = live.map { token in "\(token.id)\(token.expires.map { ", which expires \($0.dateTime)" } ?? "")" }
                throw Refusal(
                    description: "there are two live tokens called '\(name)' already: \(ids.joined(separator: "; ")); revoke one of them")
            }
            let meant = present.expires.map { Duration.milliseconds($0.milliseconds - present.created.milliseconds) }
            let minted = try minter.mint(
                name: name, tenant: tenant, scopes: present.scopes, lifetime: lifetime ?? meant, dialect: present.dialect)
            let end = min(present.expires ?? now + overlap, now + overlap)
            _ = try transaction.setExpiry(ofAccessToken: present.id, to: end)
            try transaction.insert(minted.token)
            return minted
        }
    }

    /// Revokes the token with this id, or every live one of this name.
    /// - Parameter tenant: Where the name is looked for; an id is found anywhere.
    /// - Returns: The ids of those that were revoked.
    /// - Throws: ``Refusal`` when there is none; a store's error.
    package func revoke(_ idOrName: String, tenant: Tenant = .default) async throws -> [String] {
        let now = clock.now()
        return try await store.write { transaction in
            let tokens = try transaction.accessTokens().filter { $0.revoked == nil }
            let byID = tokens.filter { $0.id == idOrName }
            let found = byID.isEmpty ? tokens.filter { $0.name == idOrName && $0.tenant == tenant } : byID
            guard !found.isEmpty else {
                throw Refusal(description: "there is no active token with the id or name '\(idOrName)'; see 'muster token list'")
            }
            for token in found { _ = try transaction.revokeAccessToken(token.id, at: now) }
            return found.map(\.id)
        }
    }

    /// The live tokens of a name, oldest first.
    private static func live(
        _ name: String, in tenant: Tenant, at time: Timestamp, _ transaction: any WriteTransaction
    ) throws -> [AccessToken] {
        try transaction.accessTokens().filter { $0.name == name && $0.tenant == tenant && $0.isLive(at: time) }
    }
}
