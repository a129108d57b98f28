import Foundation
import MusterCore
import SCIM
import Synchronization

@testable import MusterPlugins

/// A recorded scenario of a real client, as ConformanceTests replays it.
struct RecordedTraffic {
    private let document: AttributeValue

    init(_ name: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = folder.appending(path: "ConformanceTests/Scenarios/\(name).json")
        document = try AttributeValue(json: Array(Data(contentsOf: file)))
    }

    /// The headers that go with every request of the scenario, with names in lower case.
    var headers: [String: String] {
        let members = document["headers"]?.complex?.members ?? []
        return Dictionary(uniqueKeysWithValues: members.map { ($0.name.lowercased(), $0.value.string ?? "") })
    }

    /// The body of a step as the client writes it, in its order.
    /// - Parameters:
    ///   - step: The number of the step among those with this method, from 0.
    ///   - variables: What `{{name}}` stands for.
    func body(_ method: String, _ step: Int, _ variables: [String: String]) -> String? {
        steps(method).dropFirst(step).first?["body"].map { Self.filled($0.jsonText, variables) }
    }

    /// The path of a step as the client writes it.
    func path(_ method: String, _ step: Int, _ variables: [String: String]) -> String? {
        steps(method).dropFirst(step).first?["path"]?.string.map { Self.filled($0, variables) }
    }

    private func steps(_ method: String) -> [AttributeValue] {
        (document["steps"]?.array ?? []).filter { $0["method"]?.string == method }
    }

    private static func filled(_ text: String, _ variables: [String: String]) -> String {
        variables.reduce(text) { $0.replacing("{{\($1.key)}}", with: $1.value) }
    }
}

/// A server that says yes to everything: it keeps what it is sent and answers with it and an id.
final class AgreeableServer: Sendable {
    private struct State {
        var requests: [WireRequest] = []
        var resources: [String: AttributeMap] = [:]
        var last = 0
    }
    private let state = Mutex(State())

    /// What was sent so far.
    var requests: [WireRequest] { state.withLock { $0.requests } }

    /// `METHOD target` of each request so far.
    var lines: [String] { requests.map { "\($0.method) \($0.target)" } }

    /// The body of the last request with this method.
    func body(_ method: String) -> String? {
        requests.last { $0.method == method }.map { String(decoding: $0.body, as: UTF8.self) }
    }

    /// Forgets what was sent, not what is there.
    func forget() { state.withLock { $0.requests = [] } }

    var wire: ClientWire { ClientWire { self.answer($0) } }

    private func answer(_ request: WireRequest) -> OutboundResponse {
        state.withLock { state in
            state.requests.append(request)
            let parts = request.target.prefix { $0 != "?" }.split(separator: "/").map(String.init)
            let sent = (try? AttributeValue(json: request.body))?.complex ?? [:]
            switch (request.method, parts.count) {
            case ("GET", 1):
                let wanted = request.target.firstMatch(of: /eq(?:\+|%20)%22(.*?)%22/).map { String($0.1).removingPercentEncoding ?? "" }
                let found = state.resources.sorted { $0.key < $1.key }.map(\.value).filter { map in
                    guard let wanted else { return parts[0] == "Groups" ? map["userName"] == nil : map["userName"] != nil }
                    return map["userName"]?.string == wanted || map["displayName"]?.string == wanted
                }
                return Self.response(200, ["Resources": .array(found.map { .complex($0) })])
            case ("GET", _):
                guard let known = state.resources[parts[1]] else { return Self.response(404, ["status": "404", "detail": "none"]) }
                return Self.response(200, .complex(known))
            case ("POST", _):
                state.last += 1
                let id = (parts[0] == "Users" ? "u" : "g") + String(state.last)
                state.resources[id] = sent
                state.resources[id]?["id"] = .string(id)
                return Self.response(201, .complex(state.resources[id] ?? [:]))
            case ("PUT", _):
                state.resources[parts[1]] = sent
                state.resources[parts[1]]?["id"] = .string(parts[1])
                return Self.response(200, .complex(state.resources[parts[1]] ?? [:]))
            default:
                if request.method == "DELETE" { state.resources[parts[1]] = nil }
                return OutboundResponse(status: 204)
            }
        }
    }

    private static func response(_ status: Int, _ body: AttributeValue) -> OutboundResponse {
        OutboundResponse(status: status, body: body.jsonBytes)
    }
}
