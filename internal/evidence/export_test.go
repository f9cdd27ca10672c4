package evidence

import (
	"context"
	"io"

	"github.com/minio/minio-go/v7"
)

// BarePut is the client library's own upload, which the benchmark compares with.
func BarePut(ctx context.Context, m *Minio, key string, r io.Reader, size int64) error {
	_, err := m.core.Client.PutObject(ctx, m.bucket, key, r, size, minio.PutObjectOptions{DisableMultipart: true})
	return err
}
