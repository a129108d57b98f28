import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MusterCore
import MusterSQLite
import SCIM
import Testing

@testable import MusterServer

@Suite struct OperatorRoutesTests {
    /// What the routes answer to a GET.
    private func answers(
        _ paths: [String], metricsAreOpen: Bool = false, serves: Bool = true, scopes: AccessScopes? = nil
    ) async throws -> [TestResponse] {
        let server = try await TestServer()
        var token = server.token
        if let scopes {
            let minted = try TokenMinter().mint(name: "few", scopes: scopes)
            try await server.store.write { try $0.insert(minted.token) }
            token = minted.text
        }
        let router = HTTPServer.makeRouter()
        OperatorRoutes(
            authentication: Authentication(store: server.store), metrics: serves ? PrometheusMetrics() : nil,
            metricsAreOpen: metricsAreOpen, detail: { ["status": "ok"] }
        ).add(to: router)
        let headers: [HTTPFields] = [[:], [.authorization: "Bearer \(token)"]]
        return try await HTTPServer.makeApplication(router: router, logger: server.logs.logger).test(.router) { client in
            var answers: [TestResponse] = []
            for path in paths {
                for fields in headers {
                    answers.append(try await client.executeRequest(uri: path, method: .get, headers: fields, body: nil))
                }
            }
            return answers
        }
    }

    @Test("metrics and details want a token")
    func token() async throws {
        let answers = try await answers(["/metrics", "/health/detail"])
        #expect(answers.map(\.status) == [.unauthorized, .ok, .unauthorized, .ok])
        #expect(answers[1].headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(String(buffer: answers[1].body).contains("muster_metrics_refused_total 0"))
        #expect(String(buffer: answers[3].body) == #"{"status":"ok"}"#)
        #expect(answers[3].headers[.cacheControl] == "no-store")
        #expect(answers[0].headers[.wwwAuthenticate] != nil)
    }

    @Test("a token that may not read everything is refused")
    func scopes() async throws {
        let answers = try await answers(["/metrics", "/health/detail"], scopes: AccessScopes("read:User"))
        #expect(answers.map(\.status) == [.unauthorized, .forbidden, .unauthorized, .forbidden])
    }

    @Test("open metrics are for anybody, details never; where there are none there is no route")
    func open() async throws {
        #expect(try await answers(["/metrics", "/health/detail"], metricsAreOpen: true).map(\.status) == [.ok, .ok, .unauthorized, .ok])
        #expect(try await answers(["/metrics"], serves: false).map(\.status) == [.notFound, .notFound])
    }
}
