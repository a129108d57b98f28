import MusterCore

extension WriteTransaction {
    /// Makes work for a person in place of what is open for them. What the delete guard holds stays in its batch: whatever else
    /// happens to its person, nothing is taken away without the word that it waits for.
    func enqueueKeepingHold(_ task: ProvisioningTask) throws {
        var task = task
        // What was rejected is decided.
        let present = try provisioningTask(for: task.subject, at: task.target)
        if let present, present.state != .rejected, ProvisioningBatch.isHeld(present.batch) { task.batch = present.batch }
        try enqueue(task)
    }
}
