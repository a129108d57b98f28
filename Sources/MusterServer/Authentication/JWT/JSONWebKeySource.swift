import Foundation
import MusterCore

/// Reads a JSON Web Key Set from where it is.
struct JSONWebKeySource: Sendable {
    private static let maximumBytes = 1 << 20
    private static let timeout = Duration.seconds(5)

    let source: JWTSettings.KeySource
    let transport: (any HTTPTransport)?

    /// Why there are no keys.
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    /// Whether keys may come from an URL: what is sent in the clear could be anybody's.
    static func isAllowed(_ url: String) -> Bool {
        guard let components = URLComponents(string: url), let host = components.host, !host.isEmpty, components.user == nil,
            components.password == nil, components.fragment == nil
        else { return false }
        switch components.scheme?.lowercased() {
        case "https": return true
        case "http":
            let address = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
            return address.lowercased() == "localhost" || IPAddress(address)?.isLoopback == true
        default: return false
        }
    }

    /// The document.
    func read() async throws -> [UInt8] {
        switch source {
        case .file(let path): return try Self.readFile(path)
        case .url(let url):
            guard let transport else { throw Unreadable(description: "there is no way out over HTTP") }
            // Who entered the URL decides where the keys are, in a private network too.
            let request = OutboundRequest(
                method: "GET", url: url, headers: [HTTPHeader("Accept", "application/jwk-set+json, application/json")],
                timeout: Self.timeout, responseLimitBytes: Self.maximumBytes, allowsPrivateAddress: true)
            let response = try await transport.send(request)
            guard response.status == 200 else { throw Unreadable(description: "the answer was \(response.status)") }
            return response.body
        }
    }

    private static func readFile(_ path: String) throws -> [UInt8] {
        guard let file = FileHandle(forReadingAtPath: path), let data = try file.read(upToCount: maximumBytes + 1),
            data.count <= maximumBytes
        else { throw Unreadable(description: "the file \(path) cannot be read") }
        return Array(data)
    }
}
