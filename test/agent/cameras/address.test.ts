import assert from 'node:assert/strict';
import { hideSecrets, shownAddress } from '../../../agent/cameras/address';

describe('what is shown of a camera address', () => {
  it('is the scheme and the host, wherever the password stands', () => {
    assert.equal(shownAddress('rtsp://admin:secret@cam.local:554/h264'), 'rtsp://cam.local:554');
    assert.equal(shownAddress('http://cam.local/snap.cgi?user=admin&pwd=secret'), 'http://cam.local');
    assert.equal(shownAddress('rtsp://10.0.0.7/user=admin_password=secret_channel=1'), 'rtsp://10.0.0.7');
    assert.equal(shownAddress('rtsp://admin:se@cret@cam.local/'), 'rtsp://cam.local');
    assert.equal(shownAddress('rtsp://admin:12/se@cam.local/'), 'rtsp://...');
  });

  it('is the whole path of a device or a file', () => {
    assert.equal(shownAddress('/dev/video0'), '/dev/video0');
  });

  it('is cut down in the words of other programs too', () => {
    const address = 'http://admin:sec ret@cam/';
    const words = `${address}: refused; redirected to https://u:p@other:8443/x?token=1: 401`;
    assert.equal(hideSecrets(words, address), 'http://cam: refused; redirected to https://other:8443 401');
  });
});
