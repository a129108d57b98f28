import Foundation
import Muster
import Testing

@Suite("Mails of plugins")
struct MailTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Greets whoever is created.
    private static let lua = """
        return { onCreate = function(ctx)
          muster.mail.send {
            to = ctx.user.displayName .. " <" .. ctx.user.userName .. ">", subject = "Willkommen, " .. ctx.user.displayName,
            text = "Hallo!", html = "<p>Hallo!</p>",
          }
        end }
        """

    private func plugins() throws -> String {
        try folder.plugin(
            "welcome", manifest: #""permissions": {"mail": ["example.com"]}, "retry": {"baseMs": 1, "maxMs": 1}"#, lua: Self.lua)
    }

    /// A program in place of sendmail, which refuses what comes first, and keeps what it gets.
    private func configuration() throws -> Configuration {
        let program = try folder.write(
            "sendmail",
            """
            #!/bin/sh
            if [ ! -e '\(folder.path("refused"))' ]; then cat > '\(folder.path("refused"))'; echo 'no room' >&2; exit 75; fi
            cat >> '\(folder.path("mails"))'
            """)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
        return try Configuration.load(
            file: folder.write("muster.yaml", "mail:\n  sendmail: \(program)\n  from: Muster <muster@example.com>\nlogLevel: critical\n"))
    }

    private func lines(_ name: String) -> [String] {
        let data = FileManager.default.contents(atPath: folder.path(name)) ?? Data()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test("A hook's mail reaches the machine's sendmail; one that is not taken comes again under the same Message-ID")
    func endToEnd() async throws {
        let provider = try await ServiceProvider(
            store: SQLiteStore(path: folder.path("muster.sqlite")), plugins: plugins(), configuration: configuration(), logger: .quiet)
        let test = try await TestProvider(store: SQLiteStore(path: folder.path("muster.sqlite")), provider: provider)
        try await test.run { client in
            _ = try await client.createUser("ada@example.com", ["displayName": "Zoë"])
            let deadline = ContinuousClock.now + .seconds(60)
            while lines("mails").isEmpty, .now < deadline { try await provider.drainDeliveries() }
        }
        let mail = lines("mails")
        #expect(mail.contains("From: Muster <muster@example.com>"))
        #expect(mail.contains("To: =?UTF-8?B?Wm/Dqw==?= <ada@example.com>"))
        #expect(mail.contains("Subject: =?UTF-8?B?V2lsbGtvbW1lbiwgWm/Dqw==?="))
        #expect(mail.contains { $0.hasPrefix("Content-Type: multipart/alternative") } && mail.contains("<p>Hallo!</p>"))
        let id = try #require(mail.first { $0.hasPrefix("Message-ID: <welcome.") })
        #expect(lines("refused").contains(id) && mail.count { $0.hasPrefix("Message-ID") } == 1)
    }

    @Test("A rehearsal shows mails and sends none")
    func rehearsal() async throws {
        let data = folder.path("data")
        try DataFolder(path: data).create()
        let configuration = try configuration()
        let store = try SQLiteStore(path: DataFolder(path: data).databasePath)
        let test = try await TestProvider(
            store: store, provider: ServiceProvider(store: store, configuration: configuration, logger: .quiet))
        try await test.run { client in _ = try await client.createUser("ada@example.com", ["displayName": "Ada"]) }
        try store.close()
        try folder.plugin(
            "welcome", manifest: #""permissions": {"mail": ["example.com"]}"#,
            lua: """
                return {
                  mapUser = function(ctx) ctx.user.title = "Engineer" end,
                  onUpdate = function(ctx) muster.mail.send { to = ctx.user.userName, subject = "Hello", text = "You are an engineer." } end,
                }
                """)
        let result = try await MusterCommand.run([
            "rehearse", "--data", data, "--plugins", folder.path("Plugins"), "--config", folder.path("muster.yaml"),
        ])
        #expect(
            result.output.contains(
                #"  > welcome onUpdate: mail send ada@example.com {"subject": "Hello", "text": "You are an engineer."}"# + "\n"),
            "\(result.output) \(result.error)")
        #expect(lines("mails").isEmpty && lines("refused").isEmpty)
    }

    @Test("An address of a configuration in code that is none keeps the provider from starting")
    func badSender() async throws {
        var configuration = Configuration()
        configuration.mail.from = "muster"
        await #expect(throws: ConfigurationError(["mail.from: 'muster' is no mail address: it has no '@'"])) {
            try await ServiceProvider(store: SQLiteStore(path: folder.path("muster.sqlite")), configuration: configuration, logger: .quiet)
        }
    }
}
