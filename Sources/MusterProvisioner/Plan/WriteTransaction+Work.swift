import MusterCore

extension WriteTransaction {
    /// Makes work for a person in place of what is open for them. What the delete guard holds stays in its batch: whatever else
    /// happens to its person, nothing is taken away without the word that it waits for.
    func enqueueKeepingHold(_ task: ProvisioningTask) throws {
        var task = task
        let present = try provisioningTask(for: task.subject, at: task.target)?.batch
        if ProvisioningBatch.isHeld(present) { task.batch = present }
        try enqueue(task)
    }
}
