// What the dialogs of our nodes share. redis-image-store.html loads it, as a resource of the package.
(() => {
  const words = (key, values) => RED._(`@luxcam/node-red-dashboard-2-luxcam/redis-image-store:${key}`, values);

  /** Whether Node-RED will put an environment variable's value in place of a setting. */
  const isVariable = (value) => /^\$\{.+\}$/.test(value);

  /** Offers the cameras that the running flows know. */
  const suggestCameras = (typed, done) => {
    $.getJSON('luxcam/cameras')
      .done(({ cameras }) =>
        done(cameras.filter((camera) => camera.includes(typed)).map((camera) => ({ value: camera, label: camera }))),
      )
      .fail(() => done([]));
  };

  /**
   * Shows the newest image of a store, of one camera or of all, and says whose it is and when it was taken. An img can't
   * send the editor's token, so its bytes are asked for. `row` has an img and a text.
   */
  const showNewest = (row, store, camera) => {
    const asked = `${store} ${camera}`;
    row.data('asked', asked);
    const [image, text] = [row.find('img'), row.find('.luxcam-preview-text')];
    const instead = (key) => {
      image.hide();
      text.text(words(`preview.${key}`));
    };
    if (!store || store === '_ADD_') return instead('noStore');
    $.ajax({ url: 'luxcam/preview', data: { store, camera }, xhrFields: { responseType: 'blob' } })
      .done((bytes, _status, answer) => {
        if (row.data('asked') !== asked) return;
        const [name, time] = `${answer.getResponseHeader('X-Image-Id')}`.split(':');
        text.text(`${name}, ${new Date(Number(time)).toLocaleString()}`);
        // What is stored may be nothing that a browser shows.
        if (answer.status === 204) return image.hide();
        const url = URL.createObjectURL(bytes);
        image.one('load error', () => URL.revokeObjectURL(url)).attr('src', url);
        image.show();
      })
      .fail(({ status }) => {
        if (row.data('asked') === asked) instead({ 404: 'none', 409: 'notDeployed', 503: 'away' }[status] ?? 'refused');
      });
  };

  window.luxcamEditor = {
    // Each returns true, or what is wrong in words. Node-RED takes words as a no only from a `validate` that has two
    // parameters; from any other they count as a yes. What a flow leaves out has its default.
    isCamera(value, type = 'str') {
      if (type !== 'str') return Boolean(value) || words('error.property');
      return /^[a-z0-9][a-z0-9_-]{0,63}$/.test(value) || isVariable(value) || words('error.camera');
    },
    isCameraOrAll(value, type = 'str') {
      return (!value && type === 'str') || this.isCamera(value, type);
    },
    isBaseTopic(value) {
      return /^[^/#+\s][^#+\s]*$/.test(value) || isVariable(value) || words('error.base');
    },
    isSeconds(value, type = 'num') {
      if (type !== 'num') return Boolean(value) || words('error.property');
      const right = Number(value) > 0 && Number(value) <= 315360000;
      return value === undefined || right || isVariable(value) || words('error.seconds');
    },
    isNumber(value, { least, most, whole = false, type = 'num' }) {
      if (type !== 'num') return Boolean(value) || words('error.property');
      const number = `${value}`.trim() === '' ? Number.NaN : Number(value);
      if (value === undefined || isVariable(value)) return true;
      if (number >= least && number <= most && (!whole || Number.isInteger(number))) return true;
      return words(whole ? 'error.wholeNumber' : 'error.number', { least, most });
    },

    /** Makes the field for a camera a typed input that offers the cameras there are. */
    cameraField(types) {
      const named = { value: 'str', label: words('label.camera'), icon: 'fa fa-camera', autoComplete: suggestCameras };
      this.typedField('camera', [named, ...types]);
    },

    /** Makes a field a typed input. A node of an older flow, which names no type, has the first of them. */
    typedField(name, types) {
      const options = { default: types[0].value ?? types[0], types, typeField: `#node-input-${name}Type` };
      // As wide as the other fields: by itself it would be wider than they are.
      $(`#node-input-${name}`).css('width', '70%').typedInput(options);
    },

    /** Shows in the row `.luxcam-preview` the newest image of the store, and of the camera, that the dialog names. */
    preview() {
      const row = $('.luxcam-preview');
      const place = $('<div style="display: inline-block; width: 70%; vertical-align: top">').appendTo(row);
      $('<img alt="" style="display: none; max-width: 100%; max-height: 180px; border-radius: 4px">').appendTo(place);
      $('<div class="luxcam-preview-text" style="line-height: 34px">').appendTo(place);
      const [camera, mode] = [$('#node-input-camera'), $('#node-input-mode')];
      const show = () => {
        const named = camera.typedInput('type') === 'str' && mode.val() !== 'id';
        showNewest(row, $('#node-input-store').val(), named ? camera.typedInput('value') : '');
      };
      $('#node-input-store').add(mode).add(camera).on('change', show);
      show();
    },
  };
})();
