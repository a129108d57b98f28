import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import MusterCore
import MusterServer
import MusterSQLite
import NIOCore
import SCIM
import ServiceLifecycle
import Testing

@Suite("Health and shutdown")
struct HealthTests {
    @Test("Live and ready answer anybody with small JSON", arguments: ["/health/live", "/health/ready"])
    func healthy(path: String) async throws {
        try await TestServer().application().test(.router) { client in
            let answer = try TestServer.Answer(try await client.executeRequest(uri: path, method: .get, headers: [:], body: nil))
            #expect(answer.status == 200)
            #expect(answer.body == ["status": "ok"])
            #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
            let head = try await client.executeRequest(uri: path, method: .head, headers: [:], body: nil)
            #expect(head.status == .ok)
            #expect(head.body.readableBytes == 0)
        }
    }

    @Test("A check that fails, throws or hangs makes the server unready, not dead", arguments: ["no", "throws", "hangs"])
    func unready(kind: String) async throws {
        let server = try await TestServer()
        let check = HealthRoutes<BasicRequestContext>.Check("plugins") {
            switch kind {
            case "throws": throw StoreError(.unavailable, "secret path")
            case "hangs": try await Task.sleep(for: .seconds(3600))
            default: break
            }
            return false
        }
        let router = HTTPServer.makeRouter()
        HealthRoutes(store: server.store, checks: [check], timeout: .milliseconds(500)).add(to: router)
        let application = HTTPServer.makeApplication(router: router, logger: server.logs.logger)
        try await application.test(.router) { client in
            let ready = try TestServer.Answer(try await client.executeRequest(uri: "/health/ready", method: .get, headers: [:], body: nil))
            #expect(ready.status == 503)
            #expect(ready.body == ["status": "unavailable"])
            #expect(try await client.executeRequest(uri: "/health/live", method: .get, headers: [:], body: nil).status == .ok)
        }
        #expect(server.logs.lines.contains { $0.metadata["check"] == "plugins" })
    }

    @Test("A request that has begun when the server is told to stop is carried out and answered")
    func gracefulShutdown() async throws {
        let (begun, reportBegun) = AsyncStream<Void>.makeStream()
        // The change waits in the middle until the server is told to stop.
        let waiting = ChangeInterceptor(check: { _ in
            reportBegun.yield()
            let (told, tell) = AsyncStream<Void>.makeStream()
            await withGracefulShutdownHandler {
                await told.first { _ in true }
            } onGracefulShutdown: {
                tell.yield()
            }
        })
        let (ports, reportPort) = AsyncStream<Int>.makeStream()
        let server = try await TestServer(interceptors: [waiting])
        let application = server.application { channel in
            if let port = channel.localAddress?.port { reportPort.yield(port) }
        }
        let group = ServiceGroup(configuration: .init(services: [application], logger: server.logs.logger))
        let answer = try await withThrowingTaskGroup(of: String.self) { tasks in
            tasks.addTask {
                try await group.run()
                return ""
            }
            let port = await ports.first { _ in true }
            tasks.addTask {
                try await RawConnection.with(host: "127.0.0.1", port: port) { peer in
                    try await peer.send(
                        "POST /scim/v2/Users HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(server.token)\r\n"
                            + "Content-Length: 18\r\n\r\n" + #"{"userName":"ada"}"#)
                    return await peer.readToEnd()
                }
            }
            await begun.first { _ in true }
            await group.triggerGracefulShutdown()
            return try await tasks.reduce("", +)
        }
        #expect(answer.hasPrefix("HTTP/1.1 201 "))
        let stored = try await server.store.read { transaction in
            try transaction.resources(of: "User", in: .default, where: "userName", equals: .text("ada")).count
        }
        #expect(stored == 1)
    }
}
