import MusterCore
import MusterServer
import SCIM

/// A key that holds one value or a list: where it goes, and how its text is read.
struct ConfigurationKey: Sendable {
    /// The name with dots, as in `server.port`.
    let name: String
    /// What is wanted, for an error.
    let wanted: String
    /// Whether it holds several values.
    var isList = false
    /// Puts the value in; false when the text does not fit.
    let apply: @Sendable (_ text: String, _ configuration: inout Configuration) -> Bool

    /// The environment variable: `MUSTER_SERVER_PUBLIC_URL`.
    var variable: String {
        var words = "MUSTER_"
        var previous: Character = "_"
        for character in name {
            if character.isUppercase, previous.isLowercase { words.append("_") }
            words.append(character == "." ? "_" : Character(character.uppercased()))
            previous = character
        }
        return words
    }

    /// Every key but those below `plugins`.
    static let all: [ConfigurationKey] =
        [
            text("server.host", \.server.host),
            number("server.port", \.server.port, 0...65535),
            optional("server.publicURL", \.server.publicURL),
            flag("server.trustForwardedHeaders", \.server.trustForwardedHeaders),
            number("server.maximumBodyBytes", \.server.maximumBodyBytes, 1024...(1 << 30)),
            number("server.requestTimeoutSeconds", \.server.requestTimeoutSeconds, 1...3600),
            number("server.maximumConnections", \.server.maximumConnections, 1...1_000_000),
            choice("server.metrics", \.server.metrics, ["off", "open", "token"]),
            number("directory.defaultCount", \.directory.defaultCount, 1...100_000),
            number("directory.maximumCount", \.directory.maximumCount, 1...100_000),
            number("directory.patchBodyMemberLimit", \.directory.patchBodyMemberLimit, 0...1_000_000),
            flag("directory.uniqueGroupNames", \.directory.uniqueGroupNames),
            choice("directory.dialect", \.directory.dialect, ClientDialect.presets.map(\.name)),
            optionalChoice("directory.unknownAttributes", \.directory.unknownAttributes, ["ignore", "refuse"]),
            optionalChoice("directory.patchAnswer", \.directory.patchAnswer, ["resource", "noContent"]),
            optional("directory.schemas", \.directory.schemas),
            choice("directory.passwords", \.directory.passwords, ["hash", "drop"]),
            number("directory.cursorLifetimeSeconds", \.directory.cursorLifetimeSeconds, 1...31_536_000),
            number("directory.bulkMaximumOperations", \.directory.bulkMaximumOperations, 1...100_000),
            number("directory.bulkMaximumPayloadBytes", \.directory.bulkMaximumPayloadBytes, 1024...(1 << 30)),
            list("directory.indexUser", \.directory.indexUser),
            list("directory.indexGroup", \.directory.indexGroup),
            number("delivery.concurrency", \.delivery.concurrency, 1...10_000),
            number("delivery.retentionDays", \.delivery.retentionDays, 0...36_500),
            number("delivery.graceSeconds", \.delivery.graceSeconds, 0...3600),
            flag("delivery.recordCalls", \.delivery.recordCalls),
            choice("events.mode", \.events.mode, ["notice", "full"]),
            optional("events.audience", \.events.audience),
            flag("events.advertised", \.events.isAdvertised),
            optional("events.signingKey", \.events.signingKey),
            path("mail.sendmail", \.mail.sendmail),
            mailAddress("mail.from", \.mail.from),
            choice("pluginReload", \.pluginReload, ["watch", "signal"]),
            choice("pluginPins", \.pluginPins, ["auto", "required"]),
            optional("secretsFolder", \.secretsFolder),
            optional("trustedAuthorities", \.trustedAuthorities),
            choice("logLevel", \.logLevel, ["trace", "debug", "info", "notice", "warning", "error", "critical"]),
        ] + authentication

    // Key paths are Sendable where they are written down; the compiler wants to be told.
    typealias Path<Value> = WritableKeyPath<Configuration, Value> & Sendable

    static func text(_ name: String, _ path: any Path<String>) -> ConfigurationKey {
        ConfigurationKey(name: name, wanted: "a text that is not empty") { text, configuration in
            configuration[keyPath: path] = text
            return !text.isEmpty
        }
    }

    static func optional(_ name: String, _ path: any Path<String?>) -> ConfigurationKey {
        ConfigurationKey(name: name, wanted: "a text") { text, configuration in
            configuration[keyPath: path] = text.isEmpty ? nil : text
            return true
        }
    }

    static func path(_ name: String, _ path: any Path<String>) -> ConfigurationKey {
        ConfigurationKey(name: name, wanted: "an absolute path") { text, configuration in
            configuration[keyPath: path] = text
            return text.hasPrefix("/")
        }
    }

    static func mailAddress(_ name: String, _ path: any Path<String?>) -> ConfigurationKey {
        ConfigurationKey(name: name, wanted: "a mail address such as Muster <muster@example.com>") { text, configuration in
            configuration[keyPath: path] = text.isEmpty ? nil : text
            return text.isEmpty || (try? MailAddress(text)) != nil
        }
    }

    static func choice(_ name: String, _ path: any Path<String>, _ choices: [String]) -> ConfigurationKey {
        ConfigurationKey(name: name, wanted: "one of " + choices.joined(separator: ", ")) { text, configuration in
            configuration[keyPath: path] = text.lowercased()
            return choices.contains(text.lowercased())
        }
    }

    static func optionalChoice(_ name: String, _ path: any Path<String?>, _ choices: [String]) -> ConfigurationKey {
        ConfigurationKey(name: name, wanted: "one of " + choices.joined(separator: ", ")) { text, configuration in
            let chosen = choices.first { $0.lowercased() == text.lowercased() }
            configuration[keyPath: path] = chosen
            return chosen != nil
        }
    }

    static func number(_ name: String, _ path: any Path<Int>, _ range: ClosedRange<Int>) -> ConfigurationKey {
        ConfigurationKey(name: name, wanted: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text, configuration in
            guard let number = Int(text), range.contains(number) else { return false }
            configuration[keyPath: path] = number
            return true
        }
    }

    static func flag(_ name: String, _ path: any Path<Bool>) -> ConfigurationKey {
        ConfigurationKey(name: name, wanted: "true or false") { text, configuration in
            guard let flag = ["true": true, "yes": true, "false": false, "no": false][text.lowercased()] else { return false }
            configuration[keyPath: path] = flag
            return true
        }
    }

    static func addresses(_ name: String, _ path: any Path<[String]>) -> ConfigurationKey {
        let list = list(name, path)
        return ConfigurationKey(name: name, wanted: "a list of addresses and ranges such as 10.0.0.0/8", isList: true) {
            text, configuration in
            list.apply(text, &configuration) && configuration[keyPath: path].allSatisfy { AddressRange($0) != nil }
        }
    }

    static func list(_ name: String, _ path: any Path<[String]>) -> ConfigurationKey {
        ConfigurationKey(name: name, wanted: "a list", isList: true) { text, configuration in
            configuration[keyPath: path] = text.split(separator: ",").map { String($0.trimmingPrefix(while: \.isWhitespace)) }
            return true
        }
    }
}
