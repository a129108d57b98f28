import HTTPTypes
import HummingbirdCore
import MusterCore
import MusterDirectory
import NIOCore
import SCIM

extension SCIMResponder {
    /// Headers that carry credentials, which no hook is shown.
    private static let credentials: Set<String> = ["authorization", "proxy-authorization", "cookie"]

    /// The request as the interceptors want it understood; the same where there are none.
    /// - Throws: `SCIMError`: what an interceptor says; 413 or 414 for a request that grew too large, 400 for a body that
    ///   is not UTF-8.
    func rewritten(
        _ request: Request, _ path: Substring, prefix: Substring, _ directory: Directory, _ principal: Principal, _ scope: RequestScope
    ) async throws -> (Request, Substring) {
        let interceptors = directory.requestInterceptors.filter { $0.isNeeded() }
        guard !interceptors.isEmpty else { return (request, path) }
        let isBulk = Endpoint(path: path, in: directory.registry) == .bulk
        let maximumBytes = isBulk ? directory.settings.bulk.maximumPayloadBytes : settings.limits.maximumBodyBytes
        let hasBody = ![.get, .head, .delete].contains(request.method)
        let body = hasBody ? try await bodyReader.bytes(of: request, maximumBytes: maximumBytes) : ByteBuffer()
        guard String(validating: body.readableBytesView, as: UTF8.self) != nil else {
            throw SCIMError.invalidSyntax("the body is not UTF-8")
        }
        let original = RawRequest(
            method: request.method.rawValue, path: "/" + path, query: request.uri.query,
            headers: request.headers.filter { !Self.credentials.contains($0.name.canonicalName) }
                .map { HTTPHeader($0.name.canonicalName, $0.value) },
            body: Array(body.readableBytesView))
        let origin = RequestOrigin(
            id: scope.id, client: principal.name, method: original.method, path: original.path, tenant: principal.tenant)
        var raw = original
        for interceptor in interceptors { raw = try await interceptor.rewrite(raw, origin) }
        guard let method = HTTPRequest.Method(rawValue: raw.method), raw.path.hasPrefix("/") else {
            throw SCIMError(status: 500, detail: "a hook made a request of this that is none")
        }
        let target = String(raw.path.dropFirst()) + (raw.query.map { "?" + $0 } ?? "")
        guard prefix.utf8.count + target.utf8.count <= settings.limits.maximumTargetBytes else {
            throw SCIMError(status: 414, detail: "the URL is longer than \(settings.limits.maximumTargetBytes) bytes")
        }
        guard raw.body.count <= maximumBytes else {
            throw SCIMError.payloadTooLarge("the body is larger than \(maximumBytes) bytes")
        }
        var head = request.head
        head.method = method
        head.path = (prefix.hasSuffix("/") ? String(prefix) : prefix + "/") + target
        if raw.body != original.body {
            // Nothing but JSON is understood, so that is what a hook has made.
            head.headerFields[.contentType] = MediaType.scim.rawValue
            head.headerFields[.contentLength] = raw.body.isEmpty ? nil : String(raw.body.count)
        }
        return (Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: raw.body))), raw.path.dropFirst())
    }
}
