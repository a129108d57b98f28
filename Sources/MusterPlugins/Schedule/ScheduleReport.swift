package import Foundation
package import MusterCore
package import SCIM

/// How a plugin's schedule stands, for `muster plugin schedule`.
package struct ScheduleReport: Sendable, Hashable {
    /// What is known of one tenant.
    package struct Standing: Sendable, Hashable {
        /// Whose directory.
        package var tenant: Tenant
        /// The time of the schedule that was run last, or is being run; nil where none was.
        package var last: Timestamp?
        /// Attempts made for it.
        package var attempts: Int
        /// How it stands.
        package var state: State
    }

    /// How the last run stands.
    package enum State: Sendable, Hashable {
        /// No time of the schedule has come since the server saw it first.
        case waiting
        /// A server has it in hand.
        case running
        /// It failed and is tried again.
        case again(at: Timestamp, error: String?)
        /// It came to its end.
        case done
        /// It failed and was given up.
        case failed(error: String)
    }

    /// The plugin.
    package var plugin: String
    /// The line of cron, as plugin.json has it.
    package var schedule: String
    /// The name of the time zone in which it is read.
    package var zone: String
    /// The next time.
    package var next: Timestamp?
    /// The tenants for which a server has seen it.
    package var tenants: [Standing]

    /// The schedules of a folder's plugins by name; plugins whose plugin.json cannot be read are left out.
    /// - Throws: When the folder cannot be read; what the store throws.
    package static func all(in directory: URL, store: any Store, clock: WallClock = .system) async throws -> [ScheduleReport] {
        let (now, tenants) = (clock.now(), try await store.read { try $0.tenants() })
        var reports: [ScheduleReport] = []
        for folder in try PluginFolder.all(in: directory) {
            guard let bytes = try? folder.manifest(), let schedule = PluginManifest.read(bytes, folder: folder.name).manifest.schedule
            else {
                continue
            }
            let values = PluginValues.stored(in: store, plugin: folder.name, clock: clock)
            var standings: [Standing] = []
            for tenant in tenants {
                guard let state = try await values.get(PluginHost.scheduleKey, tenant).flatMap({ ScheduleState(stored: $0) }) else {
                    continue
                }
                standings.append(Standing(state, of: tenant, now: now))
            }
            reports.append(
                ScheduleReport(
                    plugin: folder.name, schedule: schedule.text, zone: schedule.zoneName, next: schedule.next(after: now),
                    tenants: standings))
        }
        return reports.sorted { $0.plugin < $1.plugin }
    }

    /// The report as JSON.
    package var document: AttributeValue {
        [
            "plugin": .string(plugin), "schedule": .string(schedule), "zone": .string(zone),
            "next": next.map { .string($0.dateTime) } ?? .null, "tenants": .array(tenants.map(\.document)),
        ]
    }
}

extension ScheduleReport.Standing {
    init(_ state: ScheduleState, of tenant: Tenant, now: Timestamp) {
        self.tenant = tenant
        attempts = state.attempts
        if let leasedUntil = state.leasedUntil, leasedUntil > now {
            self.state = .running
        } else if let due = state.due ?? state.leasedUntil {
            // A lease that ran out was that of a server that is gone: another one takes the run.
            self.state = .again(at: due, error: state.lastError)
        } else if let error = state.lastError {
            self.state = .failed(error: error)
        } else {
            self.state = state.attempts == 0 ? .waiting : .done
        }
        last = self.state == .waiting ? nil : state.slot
    }

    /// How it stands, in one line.
    package var text: String {
        switch state {
        case .waiting: "has not run yet"
        case .running: "is running"
        case .again(let time, let error): "is tried again at \(time.dateTime)" + (error.map { ": \($0)" } ?? "")
        case .done: "done"
        case .failed(let error): "failed: \(error)"
        }
    }

    fileprivate var document: AttributeValue {
        let name =
            switch state {
            case .waiting: "waiting"
            case .running: "running"
            case .again: "again"
            case .done: "done"
            case .failed: "failed"
            }
        var map: AttributeMap = [
            "tenant": .string(tenant.name), "last": last.map { .string($0.dateTime) } ?? .null, "attempts": .integer(Int64(attempts)),
            "state": .string(name),
        ]
        switch state {
        case .again(let time, let error):
            map.append("due", .string(time.dateTime))
            if let error { map.append("error", .string(error)) }
        case .failed(let error): map.append("error", .string(error))
        case .waiting, .running, .done: break
        }
        return .complex(map)
    }
}
