// MusterDelivery
