import Logging
import MusterCore
import MusterLua
import SCIM

extension Plugin {
    /// Lets `onRequest` repair a request.
    /// - Throws: `SCIMError` when the plugin rejects it, or fails and its manifest says `refuse`.
    func rewrite(_ request: RawRequest, from origin: RequestOrigin) async throws -> RawRequest {
        let input = HookInput(rewriting: request, from: origin, config: config)
        guard let result = try await agreed(input) else { return request }
        do { return try request.rewritten(by: result["request"] ?? .null) } catch {
            logger.error("plugin '\(name)' failed: \(error.description)", metadata: metadata(input.context))
            try refuse(error.summary, input.context)
            return request
        }
    }
}

extension RawRequest {
    /// `ctx.request` of `onRequest`, without what says who asks.
    var luaValue: LuaObject {
        var fields: LuaObject = ["method": .string(method), "path": .string(path)]
        if let query { fields["query"] = .string(query) }
        if !body.isEmpty { fields["body"] = .string(String(decoding: body, as: UTF8.self)) }
        var headers = LuaObject()
        for header in self.headers { headers[header.name] = .string([headers[header.name]?.string, header.value].joined) }
        fields["headers"] = .object(headers)
        return fields
    }

    /// The request as a hook left it.
    /// - Parameter result: `ctx.request`, with `json` where the hook has looked at it.
    func rewritten(by result: LuaValue) throws(PluginFailure) -> RawRequest {
        func wrong(_ problem: String) -> PluginFailure { PluginFailure(kind: "wrong result", message: "ctx.request.\(problem)") }
        var request = self
        guard let method = result["method"]?.string, (1...20).contains(method.utf8.count),
            method.utf8.allSatisfy({ UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 })
        else { throw wrong("method is no HTTP method") }
        guard let path = result["path"]?.string, path.hasPrefix("/"), path.isPartOfURL(without: "?#") else {
            throw wrong("path is no path; it begins with a slash, and special characters are percent-encoded")
        }
        let query = result["query"] ?? .null
        guard query == .null || query.string?.isPartOfURL(without: "#") == true else {
            throw wrong("query is no text of which special characters are percent-encoded")
        }
        let text = result["body"] ?? .null
        guard text == .null || text.string != nil else { throw wrong("body is no text; give json a table") }
        let given = String(decoding: body, as: UTF8.self)
        let isOtherText = text.string ?? "" != given
        request.method = method
        request.path = path
        request.query = query.string
        if isOtherText { request.body = Array((text.string ?? "").utf8) }
        guard let json = result["json"], json != (try? AttributeValue(json: body)).map({ LuaValue(exactly: $0) }) else { return request }
        guard !isOtherText else { throw wrong("body and json are both changed; change one of them") }
        request.body = json.attributeValue.jsonBytes
        return request
    }
}

extension String {
    /// Whether it is printable ASCII without blanks and without any of `marks`.
    fileprivate func isPartOfURL(without marks: String) -> Bool {
        utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !marks.utf8.contains($0) }
    }
}

extension [String?] {
    /// What is there, with commas between, as repeated headers are read (RFC 9110 §5.3).
    fileprivate var joined: String { compactMap(\.self).joined(separator: ", ") }
}
